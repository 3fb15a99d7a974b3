#include "protocol/gateway/mux.hpp"

namespace hublink {

namespace {

/// Answers that the peer does not take: it asks without reading.
constexpr std::size_t most_control = 4 << 20;

failure wrong(const char* what) {
  return {errc::bad_message, {}, std::string("the gateway link brought ") + what};
}

} // namespace

outcome<> mux::received(byte_view data, clock::time_point now) {
  now_ = std::max(now_, now);
  heard_ = now_;
  missed_ = 0;
  while (!data.empty()) {
    auto taken = has_head_ ? take_body(data) : take_head(data);
    if (!taken) return taken;
    if (control_.size() > most_control) return wrong("more questions than it takes answers");
  }
  return {};
}

outcome<> mux::take_head(byte_view& data) {
  std::span<const std::byte, mux_head_size> raw{partial_.data(), mux_head_size};
  if (partial_.empty() && data.size() >= mux_head_size) {
    raw = data.first<mux_head_size>();
    data = data.subspan(mux_head_size);
  } else {
    auto more = std::min(mux_head_size - partial_.size(), data.size());
    partial_.insert(partial_.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(more));
    data = data.subspan(more);
    if (partial_.size() < mux_head_size) return {};
    raw = std::span<const std::byte, mux_head_size>{partial_.data(), mux_head_size};
  }
  auto head = read_head(raw);
  partial_.clear();
  if (!head) return head.error();
  head_ = *head;
  bool greeting = head_.type == mux_type::hello;
  if (greeting == peer_.has_value()) return wrong(greeting ? "a second hello" : "frames before its hello");
  has_head_ = head_.size > 0;
  body_missing_ = head_.size;
  return has_head_ ? outcome<>{} : take_frame(head_, {});
}

outcome<> mux::take_body(byte_view& data) {
  auto part = data.first(std::min(body_missing_, data.size()));
  data = data.subspan(part.size());
  body_missing_ -= part.size();
  has_head_ = body_missing_ > 0;
  if (head_.type == mux_type::data) return take_data(part);
  if (partial_.empty() && !has_head_) return take_frame(head_, part);
  partial_.insert(partial_.end(), part.begin(), part.end());
  if (has_head_) return {};
  auto whole = std::exchange(partial_, {});
  return take_frame(head_, whole);
}

outcome<> mux::take_data(byte_view data) {
  auto one = find(head_.stream);
  if (!one) return existed(head_.stream) ? outcome<>{} : wrong("data of an unknown stream");
  if (one->in_stopped) return {};
  if (one->opening || one->in_done) return wrong("data that may not come now");
  if (data.size() > one->promised) return wrong("more data than it has credit for");
  one->promised -= static_cast<std::uint32_t>(data.size());
  counters_.bytes_in += data.size();
  port_.data(head_.stream, data);
  return {};
}

outcome<> mux::take_frame(const mux_head& head, byte_view body) {
  switch (head.type) {
  case mux_type::hello:
    return take_hello(body);
  case mux_type::open:
    return take_open(head.stream, body);
  case mux_type::flow:
    return take_flow(head.stream, body);
  case mux_type::opened:
  case mux_type::refused:
    return take_answer(head, body);
  case mux_type::credit:
    return take_credit(head.stream, body);
  case mux_type::data:
    return {}; // an empty one
  case mux_type::fin:
  case mux_type::reset:
  case mux_type::stop:
    return take_end(head);
  case mux_type::ping:
  case mux_type::pong:
    return take_ping(head, body);
  case mux_type::going_away:
    if (!std::exchange(peer_going_, true)) port_.peer_goes_away();
    return {};
  case mux_type::datagram:
    if (!existed(head.stream)) return wrong("a datagram of an unknown flow");
    ++counters_.datagrams_in;
    port_.datagram(head.stream, body);
    return {};
  case mux_type::flow_end: {
    auto why = read_refusal(body);
    if (!why) return why.error();
    if (!existed(head.stream)) return wrong("the end of an unknown flow");
    port_.flow_ended(head.stream, *why);
    return {};
  }
  }
  return {};
}

outcome<> mux::take_hello(byte_view body) {
  auto hello = read_hello(body);
  if (!hello) return hello.error();
  hello->window = std::min(hello->window, std::uint32_t(1) << 30);
  peer_ = *hello;
  port_.link_ready();
  return {};
}

outcome<> mux::take_new_id(mux_id id) {
  if (id == 0 || is_own(id) || id <= last_peer_) return wrong("a stream number out of turn");
  last_peer_ = id;
  return {};
}

bool mux::may_open_now() {
  std::chrono::duration<double> passed = now_ - open_tokens_at_;
  open_tokens_at_ = now_;
  double most = limits_.opens_per_second;
  open_tokens_ = std::min(most, open_tokens_ + passed.count() * most);
  if (open_tokens_ < 1) return false;
  open_tokens_ -= 1;
  return true;
}

outcome<> mux::take_open(mux_id id, byte_view body) {
  auto target = read_target(body);
  if (!target) return target.error();
  if (auto fresh = take_new_id(id); !fresh) return fresh;
  const char* limit = !may_open_now()                         ? "opened too fast"
                      : peer_open_ >= limits_.max_streams     ? "too many streams"
                      : unanswered_ >= limits_.max_unanswered ? "too many opens wait for their destinations"
                                                              : nullptr;
  if (going_ || limit) {
    append_refusal(
        control_, mux_type::refused, id,
        {limit ? mux_reason::busy : mux_reason::closing, limit ? limit : "the link is about to end"});
    return {};
  }
  add_stream(id).asked = true;
  ++peer_open_;
  ++unanswered_;
  ++counters_.accepted;
  port_.asked(id, *target);
  return {};
}

outcome<> mux::take_flow(mux_id id, byte_view body) {
  auto target = read_target(body);
  if (!target) return target.error();
  if (auto fresh = take_new_id(id); !fresh) return fresh;
  if (may_open_now())
    port_.flow_asked(id, *target);
  else
    end_flow(id, {mux_reason::busy, "opened too fast"});
  return {};
}

outcome<> mux::take_answer(const mux_head& head, byte_view body) {
  auto one = find(head.stream);
  if (!one) return existed(head.stream) ? outcome<>{} : wrong("an answer to nothing");
  if (!one->opening) return wrong("a second answer");
  one->opening = false;
  if (head.type == mux_type::opened) {
    port_.opened(head.stream);
    return {};
  }
  auto why = read_refusal(body);
  if (!why) return why.error();
  remove(head.stream);
  port_.refused(head.stream, *why);
  return {};
}

outcome<> mux::take_credit(mux_id id, byte_view body) {
  auto count = read_number(body);
  if (!count) return count.error();
  auto one = find(id);
  if (!one) return existed(id) ? outcome<>{} : wrong("credit for an unknown stream");
  if (*count > (1u << 30) || one->credit + *count > (1u << 30)) return wrong("more credit than there can be");
  one->credit += *count;
  if (one->wants_turn) queue(id, *one);
  return {};
}

outcome<> mux::take_end(const mux_head& head) {
  auto id = head.stream;
  auto one = find(id);
  if (!one) return existed(id) ? outcome<>{} : wrong("the end of an unknown stream");
  if (head.type == mux_type::reset) {
    remove(id);
    port_.reset(id);
    return {};
  }
  bool early = head.type == mux_type::fin && one->asked;
  if (one->opening || (one->asked && !early)) return wrong("an end that may not come now");
  if (head.type == mux_type::stop) {
    if (std::exchange(one->out_done, true)) return {};
    port_.stopped(id);
  } else {
    if (std::exchange(one->in_done, true)) return wrong("a second end of a stream");
    if (!one->in_stopped) port_.ended(id);
  }
  settle(id);
  return {};
}

outcome<> mux::take_ping(const mux_head& head, byte_view body) {
  auto number = read_number(body);
  if (!number) return number.error();
  if (head.type == mux_type::ping)
    append_number(control_, mux_type::pong, 0, *number);
  else
    pace_.answered(*number, now_);
  return {};
}

} // namespace hublink
