#include "protocol/request/request_ends.hpp"

#include "protocol/circuit/record_end.hpp"

#include <algorithm>
#include <utility>

namespace hublink {
namespace {

constexpr std::chrono::hours request_slack{24}; // the two clocks may differ

failure out_of_turn(record_type type) {
  return {errc::bad_message, {}, "a record " + std::string{to_string(type)} + " that must not come now"};
}

// -- the requester

class asking_end final : public record_end {
 public:
  explicit asking_end(asking_end_config config) : config_(std::move(config)) {
    auto now = std::chrono::duration_cast<std::chrono::milliseconds>(config_.now().time_since_epoch());
    request_record wanted{config_.request,
                          config_.self->name(),
                          now.count(),
                          config_.resend,
                          tag_of_file(config_.open_id, config_.file),
                          config_.results};
    auto statement =
        make_statement(record_type::request, answers_nothing, encode(wanted), *config_.self, true);
    request_hash_ = statement.hash();
    send_out(make_record(record_type::request, encode(statement)));
  }

  std::span<std::byte> inbox() override { return is_over() ? std::span<std::byte>{} : room(); }
  void completed() override {
    if (is_over()) return;
    sent_ = true;
    set_step(wait_for_bytes{});
    conclude();
  }
  void opened(const file_facts&) override {}
  void consulted(const verdict& answer) override {
    if (is_over()) return;
    auto* no = std::get_if<decision::refuse>(&answer);
    if (std::holds_alternative<decision::go_on>(answer)) return set_step(finish{{}, true});
    set_step(finish{no ? no->why : unfit(answer), true});
  }
  void step_failed(const failure& why) override {
    if (!is_over()) set_step(finish{why, false});
  }
  void cut(const failure& why) override {
    if (is_over()) return;
    if (!answer_) return set_step(finish{why, false});
    if (!std::exchange(sent_, true)) conclude();
  }
  transfer_progress progress() const override { return {}; }
  std::string digest() const override { return {}; }

 private:
  outcome<std::span<std::byte>> place(record_type type, std::uint32_t size) override {
    if (!answer_ && (type == record_type::answer || type == record_type::refusal)) return small_body(size);
    return out_of_turn(type);
  }
  void take(record_type type, byte_view body) override {
    auto answer = read(type, body);
    if (!answer) return refuse_bytes(answer.error());
    answer_ = std::move(*answer);
    type_ = type;
    conclude();
  }
  void refuse_bytes(const failure& why) override { set_step(finish{why, false}); }

  outcome<bytes> read(record_type type, byte_view body) const {
    auto statement = read_statement(type, request_hash_, body);
    if (!statement) return statement.error();
    if (auto fine = verify_client(*statement, config_.source, *config_.ca, config_.now()); !fine)
      return fine.error();
    return std::move(statement->body);
  }

  // It may come before what it answers is reported as sent.
  void conclude() {
    if (!sent_ || !answer_) return;
    if (type_ == record_type::answer) return set_step(question::answer{*answer_});
    auto why = decode_reason(*answer_);
    if (!why) return refuse_bytes(why.error());
    set_step(finish{said_by_end({why->code, config_.source, why->text}), true});
  }

  asking_end_config config_;
  statement_hash request_hash_{};
  bool sent_ = false;
  std::optional<bytes> answer_; ///< verified
  record_type type_ = record_type::answer;
};

// -- the source

class answering_end final : public record_end {
 public:
  explicit answering_end(answering_end_config config) : config_(std::move(config)) {}

  std::span<std::byte> inbox() override { return is_over() ? std::span<std::byte>{} : room(); }
  void completed() override {
    if (answered_ && !is_over()) set_step(finish{result_, true});
  }
  void opened(const file_facts&) override {}
  void consulted(const verdict& answer) override {
    if (is_over()) return;
    if (auto* reply = std::get_if<decision::served>(&answer)) return send(record_type::answer, reply->body);
    auto* no = std::get_if<decision::refuse>(&answer);
    refuse(no ? no->why : unfit(answer));
  }
  void step_failed(const failure& why) override {
    if (!is_over()) set_step(finish{why, false});
  }
  void cut(const failure& why) override {
    if (!is_over() && !owes_report()) set_step(finish{why, false});
  }
  transfer_progress progress() const override { return {}; }
  std::string digest() const override { return {}; }

 private:
  outcome<std::span<std::byte>> place(record_type type, std::uint32_t size) override {
    if (asked_ || type != record_type::request) return out_of_turn(type);
    return small_body(size);
  }
  void take(record_type, byte_view body) override {
    asked_ = true;
    auto answer = read(body);
    if (!answer) return refuse(answer.error());
    set_step(question::request{std::move(*answer)});
  }
  void refuse_bytes(const failure& why) override { set_step(finish{why, false}); }

  outcome<bytes> read(byte_view body) {
    auto statement = read_statement(record_type::request, answers_nothing, body);
    if (!statement) return statement.error();
    request_hash_ = statement->hash(); // also of a wrong one: the refusal answers it
    auto decoded = decode_request(statement->body);
    if (!decoded) return decoded.error();
    if (auto fine = verify_requester(*statement, *decoded); !fine) return fine.error();
    if (auto fine = check(*decoded); !fine) return fine.error();
    return std::move(statement->body);
  }

  outcome<> verify_requester(const statement& signed_answer, const request_record& wanted) const {
    if (!wanted.results) return verify_client(signed_answer, wanted.requester, *config_.ca, config_.now());
    auto hub = verify_server(signed_answer, *config_.ca, config_.now());
    if (!hub) return hub.error();
    if (*hub != wanted.requester) return {errc::not_authorised, "asked by " + *hub + " in another's name"};
    return {};
  }

  outcome<> check(const request_record& record) const {
    if (!record.results &&
        std::ranges::find(config_.requesters, record.requester) == config_.requesters.end())
      return {errc::not_authorised,
              record.requester + " is no receiver of this file by the definition at " + config_.self->name()};
    if (record.file_tag != tag_of_file(config_.open_id, config_.file)) // moved here by a hub, or altered
      return {errc::tampered, "a request for another file than the circuit is for"};
    if (record.request != config_.request)
      return {errc::tampered, "the request is another one than the circuit was opened for"};
    auto apart = config_.now() - trust::clock_time{std::chrono::milliseconds{record.time_ms}};
    if (apart > request_slack || apart < -request_slack)
      return {errc::not_authorised, "a request of another day, if the clocks are right: set that of " +
                                        record.requester + ", or this one; " + clock_text(config_.now())};
    return {};
  }

  void refuse(const failure& why) {
    result_ = why;
    send(record_type::refusal, encode(reason_record{why.code, text_for_others(why)}));
  }

  void send(record_type type, bytes body) {
    answered_ = true;
    auto statement = make_statement(type, request_hash_, std::move(body), *config_.self, true);
    send_out(make_record(type, encode(statement)));
  }

  answering_end_config config_;
  statement_hash request_hash_{};
  bool asked_ = false, answered_ = false;
  outcome<> result_;
};

} // namespace

std::unique_ptr<circuit_end> make_asking_end(asking_end_config config) {
  return std::make_unique<asking_end>(std::move(config));
}
std::unique_ptr<circuit_end> make_answering_end(answering_end_config config) {
  return std::make_unique<answering_end>(std::move(config));
}

} // namespace hublink
