#pragma once
// A transfer's end that does what a test wrote down, and notes what happened to it.
#include "protocol/circuit/circuit_end.hpp"

#include <deque>
#include <future>
#include <memory>

namespace hublink::test {

/// Waits until so many bytes more have come.
struct take {
  std::size_t count;
};
/// Waits until that part of the file has come, which it does not see.
struct take_into {
  file_range part;
};
using script_step = std::variant<end_step, take, take_into>;

/// What a test may look at once the end is over.
struct end_log {
  bytes got;
  std::vector<verdict> verdicts;
  std::optional<failure> cut;
};

class scripted_end : public circuit_end {
 public:
  scripted_end(std::deque<script_step> script, std::shared_ptr<end_log> record)
      : script_(std::move(script)), record_(std::move(record)) {}

  end_step next() override {
    if (auto wanted = std::get_if<take>(&script_.front())) {
      if (fresh_ < wanted->count) return wait_for_bytes{};
      fresh_ -= wanted->count;
      script_.pop_front();
      return next();
    }
    if (std::holds_alternative<take_into>(script_.front())) return wait_for_bytes{};
    return std::get<end_step>(script_.front());
  }
  std::span<std::byte> inbox() override {
    return std::holds_alternative<take_into>(script_.front()) ? std::span<std::byte>{} : buffer_;
  }
  file_range file_inbox() override { return std::get<take_into>(script_.front()).part; }
  void received(std::size_t count) override {
    if (auto wanted = std::get_if<take_into>(&script_.front())) {
      wanted->part.offset += count;
      wanted->part.count -= count;
      if (wanted->part.count == 0) script_.pop_front();
      return;
    }
    fresh_ += count;
    record_->got.insert(record_->got.end(), buffer_.begin(), buffer_.begin() + std::ptrdiff_t(count));
    if (stop_at_input_) give_up({errc::cancelled, {}, "the peer refused"});
  }
  void completed() override {
    auto& step = std::get<end_step>(script_.front());
    if (auto sent = std::get_if<send_bytes>(&step)) content_ += sent->data.size();
    if (auto sent = std::get_if<send_from_file>(&step)) content_ += sent->count;
    if (endless_ && std::holds_alternative<send_bytes>(step)) return;
    script_.pop_front();
  }
  void opened(const file_facts&) override { script_.pop_front(); }
  void consulted(const verdict& answer) override {
    record_->verdicts.push_back(answer);
    script_.pop_front();
    if (auto* no = std::get_if<decision::refuse>(&answer)) give_up(no->why);
  }
  void step_failed(const failure& why) override { give_up(why); }
  void cut(const failure& why) override {
    record_->cut = why;
    give_up(why);
  }
  transfer_progress progress() const override { return {content_, 0}; }
  std::string digest() const override { return "digest"; }

  /// Repeats its first sending for ever.
  void send_endlessly() { endless_ = true; }
  /// Any byte that comes is a refusal.
  void stop_at_input() { stop_at_input_ = true; }

 private:
  void give_up(const failure& why) { script_ = {end_step(discard_file{}), end_step(finish{why, false})}; }

  std::deque<script_step> script_;
  std::shared_ptr<end_log> record_;
  bytes buffer_ = bytes(256 * 1024);
  std::size_t fresh_ = 0;
  std::uint64_t content_ = 0;
  bool endless_ = false, stop_at_input_ = false;
};

inline script_step step(end_step what) { return what; }
inline finish done() { return {outcome<>{}, false}; }

} // namespace hublink::test
