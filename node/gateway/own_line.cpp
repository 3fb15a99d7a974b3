#include "node/gateway/own_line.hpp"
#include "actors/gateway/gateway_policy.hpp"
#include "node/socket/own_address.hpp"

#include <asio/post.hpp>

#include <algorithm>

namespace hublink {

namespace {

/// As much as the other socket takes at once, and as stays in the processor's cache.
constexpr std::size_t move_size = 256 * 1024;
/// Rounds of one stream before others have their turn.
constexpr int move_rounds = 4;

std::span<std::byte> move_room() {
  thread_local std::unique_ptr<std::byte[]> room(new std::byte[move_size]);
  return {room.get(), move_size};
}

mux_id other_end(mux_id stream) { return ((stream - 1) ^ 1) + 1; }
bool is_calling(mux_id stream) { return (stream & 1) == 1; }

} // namespace

own_line::own_line(asio::io_context& context, std::string node, const mux_limits& limits,
                   destinations& called)
    : context_(context), node_(std::move(node)), limits_(limits, open_limits::clock::now()), called_(called) {
}

mux_id own_line::next_number() {
  do last_ = last_ == 0 || last_ >= 0xffff'fff0 ? 1 : last_ + 2;
  while (ends_.contains(last_) || ends_.contains(last_ + 1));
  return last_;
}

own_line::end* own_line::find(mux_id stream) {
  auto found = ends_.find(stream);
  return found == ends_.end() ? nullptr : &found->second;
}

void own_line::open(const mux_target& target, const std::shared_ptr<gateway_stream>& stream) {
  if (stream->over()) return;
  if (auto* limit = limits_.refusal(target, open_limits::clock::now())) {
    mux_refusal why{mux_reason::busy, limit};
    return stream->answered(&why);
  }
  auto id = next_number();
  auto& fresh = ends_[id];
  fresh.stream = stream;
  limits_.asked(id, target);
  stream->begin(*this, id);
  called_.open({node_, target, [this, id] { return ends_.contains(id); },
                [this, id](const mux_refusal& why) { refuse(id, why); },
                [this, id](const auto& made) { accept(id, made); }});
}

// The calling side first: an application is told that it is connected before what its destination says.
void own_line::accept(mux_id calling, const std::shared_ptr<gateway_stream>& called) {
  auto* asked = find(calling);
  auto stream = asked->stream;
  if (asked->keep_alive) called->keep_alive(*asked->keep_alive);
  limits_.answered(calling);
  ends_[calling + 1].stream = called;
  called->begin(*this, calling + 1);
  stream->answered(nullptr);
  called->answered(nullptr);
}

void own_line::refuse(mux_id calling, const mux_refusal& why) {
  auto refused = ends_.extract(calling);
  if (!refused) return;
  limits_.answered(calling);
  limits_.ended();
  refused.mapped().stream->answered(&why);
}

void own_line::move(mux_id from) {
  for (int round = 0; round < move_rounds; ++round)
    if (!move_some(from)) return;
  asio::post(context_, [this, from] { move(from); });
}

// Any call of a stream may end it, and the other one.
bool own_line::move_some(mux_id from) {
  const auto to = other_end(from);
  auto* source = find(from);
  auto* sink = find(to);
  if (!source || !sink || source->sent_all) return false;
  source->waits = sink->under_way > 0;
  if (source->waits) return false;
  auto giver = source->stream, taker = sink->stream;
  auto room = move_room();
  auto pulled = giver->pull(room);
  source = find(from);
  sink = find(to);
  if (!source || !sink || source->sent_all) return false;
  if (pulled.count > 0) {
    sink->under_way += pulled.count;
    if (pulled.urgent)
      taker->deliver_urgent(room.front());
    else
      taker->deliver(room.first(pulled.count));
  }
  if (pulled.next != mux_pulled::then::end) return pulled.next == mux_pulled::then::more;
  if (source = find(from); !source || std::exchange(source->sent_all, true)) return false;
  if (find(to)) taker->peer_ended();
  return false;
}

void own_line::consumed(mux_id stream, std::size_t count) {
  auto* sink = find(stream);
  if (!sink) return;
  sink->under_way -= std::min(count, sink->under_way);
  auto* source = find(other_end(stream));
  if (sink->under_way == 0 && source && std::exchange(source->waits, false)) move(other_end(stream));
}

void own_line::tell_moved(mux_id stream) {
  if (auto* other = find(other_end(stream))) other->stream->peer_moved();
}

void own_line::stop(mux_id stream) {
  auto* known = find(stream);
  auto* source = find(other_end(stream));
  if (!known || std::exchange(known->takes_no_more, true) || !source) return;
  source->waits = false;
  if (std::exchange(source->sent_all, true)) return;
  auto kept = source->stream;
  kept->peer_stopped();
}

void own_line::keep_alive(mux_id stream, const mux_keep_alive& how) {
  auto* calling = find(stream);
  auto* called = find(stream + 1);
  if (calling) calling->keep_alive = how;
  if (calling && called) called->stream->keep_alive(how);
}

void own_line::forget(mux_id stream, mux_reason why) {
  auto gone = ends_.extract(stream);
  if (!gone) return;
  auto* rest = find(other_end(stream));
  if (is_calling(stream)) {
    limits_.ended();
    limits_.answered(stream);
  }
  if (!rest) return;
  bool over = gone.mapped().sent_all && (rest->sent_all || gone.mapped().takes_no_more);
  auto kept = rest->stream;
  if (!over) kept->peer_reset(why);
}

void own_line::define(const definition& self) {
  limits_.set_most(static_cast<std::size_t>(self.proxy.streams));
  std::vector<mux_id> refused;
  for (const auto& [id, end] : ends_)
    if (!is_still_let_through(self, end.stream->way, is_own_address)) refused.push_back(id);
  for (auto id : refused) {
    auto* known = find(id);
    if (!known) continue; // with the other one
    auto stream = known->stream;
    forget(id, mux_reason::not_allowed);
    stream->link_lost({errc::not_authorised, {}, refusal::not_let_through().text});
  }
}

void own_line::close(const failure& why) {
  for (auto& [id, end] : std::exchange(ends_, {})) end.stream->link_lost(why);
}

} // namespace hublink
