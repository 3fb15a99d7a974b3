#include "protocol/circuit/load_ends.hpp"

#include "protocol/circuit/load_records.hpp"
#include "protocol/circuit/record_end.hpp"

#include <utility>

namespace hublink {
namespace {

constexpr std::size_t load_size = 64 * 1024; ///< content of one record

failure load_out_of_turn(record_type type) {
  return {errc::bad_message, {}, "a record " + std::string{to_string(type)} + " that must not come now"};
}

/// What no line on the way makes smaller.
bytes make_load() {
  bytes content(load_size);
  std::uint64_t state = 0x9e3779b97f4a7c15;
  for (std::size_t at = 0; at < content.size(); at += sizeof state) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    put_be(content.data() + at, state);
  }
  return make_record(record_type::load, content);
}

class loading_end final : public record_end {
 public:
  explicit loading_end(loading_end_config config)
      : config_(std::move(config)), watch_(config_.time), load_(make_load()) {
    set_step(measure_line{watch_.unsent(), true});
  }

  std::span<std::byte> inbox() override { return is_over() ? std::span<std::byte>{} : room(); }

  void completed() override {
    if (is_over()) return;
    switch (phase_) {
    case phase::loading:
      return set_step(measure_line{watch_.unsent(), false});
    case phase::ending:
      phase_ = phase::waiting;
      return set_step(wait_for_bytes{});
    case phase::beginning:
    case phase::waiting:
      return;
    case phase::telling:
      return set_step(finish{{}, true});
    }
  }

  void measured(const line_facts& now) override {
    if (is_over()) return;
    if (phase_ == phase::beginning) {
      watch_.begin(now);
      phase_ = phase::loading;
      return send_out(make_record(record_type::load_begin, encode(load_begin{config_.time})));
    }
    if (phase_ == phase::ending) {
      last_ = now;
      return send_out(make_record(record_type::load_end, {}));
    }
    watch_.note(now);
    if (!watch_.is_over(now)) return set_step(send_bytes{load_});
    phase_ = phase::ending;
    set_step(measure_line{watch_.unsent(), true});
  }

  void opened(const file_facts&) override {}
  void consulted(const verdict& answer) override { set_step(finish{unfit(answer), false}); }
  void step_failed(const failure& why) override {
    if (!is_over()) set_step(finish{why, false});
  }
  void cut(const failure& why) override {
    if (!is_over() && phase_ != phase::telling) set_step(finish{why, false});
  }
  transfer_progress progress() const override { return {}; }
  std::string digest() const override { return {}; }

 private:
  enum class phase : std::uint8_t { beginning, loading, ending, waiting, telling };

  outcome<std::span<std::byte>> place(record_type type, std::uint32_t size) override {
    const bool may_come = type == record_type::progress || type == record_type::load_result;
    if (phase_ != phase::waiting || !may_come) return load_out_of_turn(type);
    return small_body(size);
  }
  void take(record_type type, byte_view body) override {
    if (type == record_type::progress) return; // a sign of life
    auto result = decode_load_result(body);
    if (!result) return refuse_bytes(result.error());
    line_rates all = std::move(result->behind);
    all.lines.insert(all.lines.begin(), watch_.result(config_.self, last_, result->taken));
    phase_ = phase::telling;
    set_step(question::lines{std::move(all)});
  }
  void refuse_bytes(const failure& why) override { set_step(finish{why, false}); }

  loading_end_config config_;
  load_watch watch_;
  bytes load_; ///< one record
  phase phase_ = phase::beginning;
  line_facts last_;
};

class load_taking_end final : public record_end {
 public:
  explicit load_taking_end(std::string self) { taken_.node = std::move(self); }

  std::span<std::byte> inbox() override {
    const bool reads = step_is<wait_for_bytes>() && phase_ != phase::answered;
    return reads ? room() : std::span<std::byte>{};
  }

  void completed() override {
    if (!is_over() && phase_ == phase::answered) set_step(finish{{}, true});
  }
  void measured(const line_facts& now) override {
    if (is_over()) return;
    if (phase_ == phase::beginning) {
      first_ = now;
      phase_ = phase::loading;
      return set_step(wait_for_bytes{});
    }
    taken_.receive_most = now.receive_most;
    if (now.now > first_.now)
      taken_.cpu_percent = std::uint32_t(100 * (now.cpu - first_.cpu) / (now.now - first_.now));
    phase_ = phase::asking;
    set_step(question::load_onward{time_});
  }
  void opened(const file_facts&) override {}
  void consulted(const verdict& answer) override {
    if (is_over()) return;
    phase_ = phase::answered;
    if (const auto* found = std::get_if<decision::lines>(&answer)) return send_result(found->rates);
    const auto* no = std::get_if<decision::refuse>(&answer);
    send_result({{}, no ? no->why : unfit(answer)});
  }
  void step_failed(const failure& why) override {
    if (!is_over()) set_step(finish{why, false});
  }
  void cut(const failure& why) override {
    if (!is_over()) set_step(finish{why, false});
  }
  bytes sign_of_life() const override {
    return phase_ == phase::asking ? make_progress(taken_.bytes) : bytes{};
  }
  transfer_progress progress() const override { return {}; }
  std::string digest() const override { return {}; }

 private:
  enum class phase : std::uint8_t { waiting, beginning, loading, asking, answered };

  outcome<std::span<std::byte>> place(record_type type, std::uint32_t size) override {
    const bool may_come =
        phase_ == phase::waiting
            ? type == record_type::load_begin
            : phase_ == phase::loading && (type == record_type::load || type == record_type::load_end);
    if (!may_come) return load_out_of_turn(type);
    return small_body(size);
  }
  void take(record_type type, byte_view body) override {
    if (type == record_type::load) {
      taken_.bytes += body.size();
      return;
    }
    if (type == record_type::load_begin) {
      auto begin = decode_load_begin(body);
      if (!begin) return refuse_bytes(begin.error());
      time_ = begin->time;
      phase_ = phase::beginning;
    }
    set_step(measure_line{0, true}); // at its begin, or at its end
  }
  void refuse_bytes(const failure& why) override { set_step(finish{why, false}); }
  void send_result(const line_rates& behind) {
    send_out(make_record(record_type::load_result, encode(load_result{taken_, behind})));
  }

  phase phase_ = phase::waiting;
  std::chrono::milliseconds time_{};
  line_facts first_;
  line_taken taken_;
};

} // namespace

std::unique_ptr<circuit_end> make_loading_end(loading_end_config config) {
  return std::make_unique<loading_end>(std::move(config));
}
std::unique_ptr<circuit_end> make_load_taking_end(std::string self) {
  return std::make_unique<load_taking_end>(std::move(self));
}

} // namespace hublink
