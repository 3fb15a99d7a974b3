#include "protocol/gateway/mux.hpp"

namespace hublink {

namespace {

/// An interactive stream's frame is no longer than this, so that others wait no longer than this.
constexpr std::size_t fair_data = 16 * 1024;
constexpr std::size_t least_bulk_frame = 4 * 1024;
/// Turns of interactive streams and datagrams before a bulk stream has one.
constexpr int quick_turns = 8;
/// Answers that the peer does not take: it asks without reading.
constexpr std::size_t most_control = 4 << 20;

failure wrong(const char* what) {
  return {errc::bad_message, {}, std::string("the gateway link brought ") + what};
}

} // namespace

mux::mux(mux_port& port, bool dialler, const mux_limits& limits, std::shared_ptr<mux_budget> shared,
         clock::time_point now)
    : port_(port), now_(now), pulse_(limits, now), streams_(dialler, limits, std::move(shared), now),
      flows_(port, streams_, control_, limits.datagram_queue) {
  append_hello(control_, {mux_version, limits.window, limits.max_streams});
}

// -- the owner's wishes

bool mux::takes_new_ones() const { return peer_ && !going_ && !peer_going_ && streams_.has_numbers(); }

outcome<mux_id> mux::open(const mux_target& target) {
  if (!takes_new_ones()) return failure{errc::hop_down, {}, "the gateway link takes no new streams"};
  if (streams_.own() >= peer_->max_streams)
    return failure{errc::busy, {}, "the gateway link has as many streams as its peer allows"};
  auto id = streams_.next_number();
  streams_.open(id, peer_->window, now_);
  ++counters_.opened;
  append_target(control_, mux_type::open, id, target);
  return id;
}

void mux::accept(mux_id stream) {
  auto known = streams_.find(stream);
  if (!known || !known->asked) return;
  streams_.answered(stream);
  append_frame(control_, mux_type::opened, stream);
}

void mux::refuse(mux_id stream, const mux_refusal& why) {
  auto known = streams_.find(stream);
  if (!known || !known->asked) return;
  append_refusal(control_, mux_type::refused, stream, why);
  streams_.remove(stream);
}

void mux::readable(mux_id stream, clock::time_point now) {
  auto known = streams_.find(stream);
  if (!known || known->out_done || known->asked || known->queued != turn::none) return;
  now_ = std::max(now_, now);
  known->resumed(now_);
  queue(stream, *known);
}

void mux::consumed(mux_id stream, std::size_t count) { streams_.consumed(stream, count, now_); }

void mux::tell_moved(mux_id stream) {
  if (streams_.find(stream)) append_number(control_, mux_type::credit, stream, 0);
}

void mux::reset(mux_id stream, mux_reason why) {
  if (!streams_.find(stream)) return;
  const std::array reason{std::byte(why)};
  append_frame(control_, mux_type::reset, stream, byte_view(reason).first(why == mux_reason::failed ? 0 : 1));
  streams_.remove(stream);
}

void mux::keep_alive(mux_id stream, const mux_keep_alive& how) {
  if (peer_knows_rules() && streams_.find(stream)) append_keep_alive(control_, stream, how);
}

void mux::stop(mux_id stream) {
  auto known = streams_.find(stream);
  if (!known || known->in_done || std::exchange(known->in_stopped, true)) return;
  append_frame(control_, mux_type::stop, stream);
  streams_.settle(stream);
}

void mux::go_away() {
  if (!std::exchange(going_, true)) append_frame(control_, mux_type::going_away, 0);
}

outcome<mux_id> mux::open_flow(const mux_target& target) {
  if (!takes_new_ones()) return failure{errc::hop_down, {}, "the gateway link takes no new flows"};
  return flows_.open(target);
}

void mux::rule_flow(mux_id flow, const mux_flow_rules& rules) {
  if (peer_knows_rules()) flows_.rule(flow, rules);
}

void mux::send_datagram(mux_id flow, byte_view data) { flows_.send(flow, data); }

// An older peer has it come from, or go to, the flow's destination.
void mux::send_beside(mux_id flow, const endpoint& where, byte_view data) {
  peer_knows_rules() ? flows_.send_beside(flow, where, data) : flows_.send(flow, data);
}

mux_counters mux::counters() const {
  auto all = counters_;
  all.datagrams_out = flows_.counts().out;
  all.datagrams_in = flows_.counts().in;
  all.datagrams_dropped = flows_.counts().dropped;
  return all;
}

// -- sending

bool mux::wants_to_send() const {
  return !control_.empty() || streams_.owe_credits() || !flows_.empty() || !interactive_.empty() ||
         bulk_may_go();
}

void mux::produce(mux_buffer& out, std::size_t enough, clock::time_point now) {
  now_ = std::max(now_, now);
  streams_.take_credits(
      now_, [this](mux_id id, std::uint32_t count) { append_number(control_, mux_type::credit, id, count); });
  auto before = out.size();
  out.append(control_);
  control_.clear();
  pace_.sent(out.size() - before);
  while (out.size() < enough && produce_round(out, enough)) {
  }
  if (bulk_.empty()) pace_.ran_dry(now_);
}

bool mux::produce_round(mux_buffer& out, std::size_t enough) {
  auto before = out.size();
  bool more = false;
  for (int i = 0; i < quick_turns && out.size() < enough; ++i)
    more |= produce_data(out, turn::interactive, fair_data);
  for (int i = 0; i < quick_turns && out.size() < enough; ++i) more |= flows_.produce(out);
  pace_.sent(out.size() - before);
  if (out.size() < enough) more |= produce_bulk(out);
  return more;
}

// A mark's own bytes don't count, or there would always be something behind the last one.
bool mux::produce_bulk(mux_buffer& out) {
  if (!bulk_may_go()) return false;
  if (pace_.wants_mark()) {
    bytes ping;
    append_number(ping, mux_type::ping, 0, pace_.mark(now_));
    out.append(ping);
  }
  if (pace_.room() == 0) return false;
  auto before = out.size();
  bool more = produce_data(out, turn::bulk, bulk_frame());
  pace_.sent(out.size() - before);
  return more;
}

// Others wait for a quarter of a millisecond at most, or for a whole one if none is there yet, where the line
// is fast; a frame costs some work by itself.
std::size_t mux::bulk_frame() const {
  bool alone = interactive_.empty() && flows_.empty() && bulk_.size() == 1;
  return std::clamp<std::size_t>(pace_.batch() / (alone ? 1 : 4), least_bulk_frame, mux_max_data);
}

void mux::queue(mux_id id, mux_stream& known) {
  known.wants_turn = known.credit == 0;
  if (known.wants_turn) return;
  known.queued = known.is_bulk ? turn::bulk : turn::interactive;
  queue_of(known.queued).push_back(id);
}

bool mux::produce_data(mux_buffer& out, turn which, std::size_t largest) {
  auto& line = queue_of(which);
  while (!line.empty()) {
    auto id = line.front();
    line.pop_front();
    auto known = streams_.find(id);
    if (!known || known->queued != which) continue;
    known->queued = turn::none;
    auto room = out.room(mux_head_size + std::min<std::size_t>(known->credit, largest));
    auto pulled = port_.pull(id, room.subspan(mux_head_size));
    if (known = streams_.find(id); !known || known->out_done) continue; // ended by the owner meanwhile
    if (pulled.count > 0) {
      auto type = pulled.urgent && peer_knows_rules() ? mux_type::urgent : mux_type::data;
      put_head(room.data(), {static_cast<std::uint32_t>(pulled.count), type, id});
      out.added(mux_head_size + pulled.count);
      counters_.bytes_out += pulled.count;
      known->sent(pulled.count);
    }
    switch (pulled.next) {
    case mux_pulled::then::more:
      queue(id, *known);
      break;
    case mux_pulled::then::dry:
      known->dry_at = now_;
      break;
    case mux_pulled::then::end:
      put_head(out.room(mux_head_size).data(), {0, mux_type::fin, id});
      out.added(mux_head_size);
      known->out_done = true;
      streams_.settle(id);
      break;
    case mux_pulled::then::broken:
      reset(id, pulled.broken);
      break;
    }
    return true;
  }
  return false;
}

// -- receiving

outcome<> mux::received(byte_view data, clock::time_point now) {
  now_ = std::max(now_, now);
  pulse_.heard(now_);
  while (!data.empty()) {
    auto part = reader_.next(data);
    if (!part) return part.error();
    if (!*part) return {};
    if (auto taken = take_frame((*part)->head, (*part)->body); !taken) return taken;
    if (control_.size() > most_control) return wrong("more questions than it takes answers");
  }
  return {};
}

outcome<> mux::take_urgent(mux_id id, byte_view data) {
  if (data.size() != 1) return wrong("urgent data of more or less than a byte");
  return take_data(id, data, true);
}

outcome<> mux::take_keep_alive(mux_id id, byte_view body) {
  auto how = read_keep_alive(body);
  if (!how) return how.error();
  if (!streams_.existed(id)) return wrong("a rule for an unknown stream");
  if (streams_.find(id)) port_.kept_alive(id, *how);
  return {};
}

outcome<> mux::take_data(mux_id id, byte_view data, bool urgent) {
  if (data.empty()) return {};
  auto known = streams_.find(id);
  if (!known) return streams_.existed(id) ? outcome<>{} : wrong("data of an unknown stream");
  if (known->in_stopped) return {};
  if (known->opening || known->in_done) return wrong("data that may not come now");
  if (data.size() > known->promised) return wrong("more data than it has credit for");
  known->promised -= static_cast<std::uint32_t>(data.size());
  counters_.bytes_in += data.size();
  urgent ? port_.urgent(id, data.front()) : port_.data(id, data);
  return {};
}

outcome<> mux::take_frame(const mux_head& head, byte_view body) {
  bool greeting = head.type == mux_type::hello;
  if (greeting == peer_.has_value()) return wrong(greeting ? "a second hello" : "frames before its hello");
  switch (head.type) {
  case mux_type::hello:
    return take_hello(body);
  case mux_type::open:
    return take_target(head, body);
  case mux_type::opened:
  case mux_type::refused:
    return take_answer(head, body);
  case mux_type::credit:
    return take_credit(head.stream, body);
  case mux_type::data:
    return take_data(head.stream, body);
  case mux_type::urgent:
    return take_urgent(head.stream, body);
  case mux_type::keep_alive:
    return take_keep_alive(head.stream, body);
  case mux_type::fin:
  case mux_type::reset:
  case mux_type::stop:
    return take_end(head, body);
  case mux_type::ping:
  case mux_type::pong:
    return take_ping(head, body);
  case mux_type::going_away:
    if (!std::exchange(peer_going_, true)) port_.peer_goes_away();
    return {};
  case mux_type::flow:
  case mux_type::datagram:
  case mux_type::flow_end:
  case mux_type::flow_rules:
  case mux_type::beside:
    return flows_.take(head, body, now_);
  case mux_type::certificate:
    return port_.shown(body);
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

outcome<> mux::take_target(const mux_head& head, byte_view body) {
  auto target = read_target(body);
  if (!target) return target.error();
  if (!streams_.take_peers_number(head.stream)) return wrong("a stream number out of turn");
  take_open(head.stream, *target);
  return {};
}

void mux::take_open(mux_id id, const mux_target& target) {
  auto* limit = streams_.limit_of_peer(target, now_);
  if (limit) return append_refusal(control_, mux_type::refused, id, {mux_reason::busy, limit});
  if (going_)
    return append_refusal(control_, mux_type::refused, id, {mux_reason::closing, "the link is about to end"});
  streams_.accept(id, target, peer_->window, now_);
  ++counters_.accepted;
  port_.asked(id, target);
}

outcome<> mux::take_answer(const mux_head& head, byte_view body) {
  auto known = streams_.find(head.stream);
  if (!known) return streams_.existed(head.stream) ? outcome<>{} : wrong("an answer to nothing");
  if (!known->opening) return wrong("a second answer");
  known->opening = false;
  if (head.type == mux_type::opened) {
    port_.opened(head.stream);
    return {};
  }
  auto why = read_refusal(body);
  if (!why) return why.error();
  streams_.remove(head.stream);
  port_.refused(head.stream, *why);
  return {};
}

outcome<> mux::take_credit(mux_id id, byte_view body) {
  auto count = read_number(body);
  if (!count) return count.error();
  auto known = streams_.find(id);
  if (!known) return streams_.existed(id) ? outcome<>{} : wrong("credit for an unknown stream");
  if (*count > (1u << 30) || known->credit + *count > (1u << 30))
    return wrong("more credit than there can be");
  if (*count == 0) port_.moved(id);
  known->credit += *count;
  if (known->wants_turn) queue(id, *known);
  return {};
}

outcome<> mux::take_end(const mux_head& head, byte_view body) {
  auto id = head.stream;
  auto known = streams_.find(id);
  if (!known) return streams_.existed(id) ? outcome<>{} : wrong("the end of an unknown stream");
  if (head.type == mux_type::reset) {
    streams_.remove(id);
    port_.reset(id, read_reset(body));
    return {};
  }
  bool early = head.type == mux_type::fin && known->asked;
  if (known->opening || (known->asked && !early)) return wrong("an end that may not come now");
  if (head.type == mux_type::stop) {
    if (std::exchange(known->out_done, true)) return {};
    port_.stopped(id);
  } else {
    if (std::exchange(known->in_done, true)) return wrong("a second end of a stream");
    if (!known->in_stopped) port_.ended(id);
  }
  streams_.settle(id);
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

// -- keep-alive

outcome<> mux::tick(clock::time_point now) {
  now_ = std::max(now_, now);
  if (now_ < next_tick()) return {};
  if (auto alive = pulse_.ask(now_); !alive) return alive;
  append_number(control_, mux_type::ping, 0, pace_.mark(now_));
  return {};
}

} // namespace hublink
