#pragma once
/// Two muxes with a link between them that a test moves byte by byte, and applications at both ends.
#include "protocol/gateway/mux.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace hublink::test {

/// One direction's view of a stream: what the application sends, and what came from the other one.
struct app_stream {
  std::string to_send, came;
  std::size_t sent = 0;
  bool reset_after = false; ///< instead of an end, once all is sent
  bool opened = false, refused = false, ended = false, was_reset = false, stopped = false;
  std::size_t unread = 0;            ///< came, and not consumed yet
  int sends_urgent = 0;              ///< so many bytes at first
  std::vector<std::size_t> urgent{}; ///< of what came, by what came before
  std::optional<mux_keep_alive> keep_alive{};
  mux_reason reset_by = mux_reason::failed;
  int moved = 0;
};

class mux_side final : public mux_port {
 public:
  mux_side(bool dialler, const mux_limits& limits,
           std::shared_ptr<mux_budget> budget = std::make_shared<mux_budget>())
      : link(*this, dialler, limits, std::move(budget), now) {}

  void link_ready() override { ready = true; }
  void asked(mux_id stream, const mux_target& target) override {
    targets[stream] = target;
    if (refuse_all) return link.refuse(stream, {mux_reason::not_allowed, "by the test"});
    answer ? accept(stream) : unanswered.push_back(stream);
  }
  void opened(mux_id stream) override {
    streams[stream].opened = true;
    link.readable(stream, now);
  }
  void refused(mux_id stream, const mux_refusal& why) override {
    streams[stream].refused = true;
    refusals.push_back(why);
  }
  void data(mux_id stream, byte_view data) override {
    auto& one = streams[stream];
    one.came += as_text(data);
    one.unread += data.size();
    most_unread = std::max(most_unread, one.unread);
    if (reads_at_once) consume(stream);
  }
  void urgent(mux_id stream, std::byte byte) override {
    streams[stream].urgent.push_back(streams[stream].came.size());
    data(stream, {&byte, 1});
  }
  void kept_alive(mux_id stream, const mux_keep_alive& how) override { streams[stream].keep_alive = how; }
  void moved(mux_id stream) override { ++streams[stream].moved; }
  void ended(mux_id stream) override { streams[stream].ended = true; }
  void reset(mux_id stream, mux_reason why) override {
    streams[stream].was_reset = true;
    streams[stream].reset_by = why;
  }
  void stopped(mux_id stream) override { streams[stream].stopped = true; }
  mux_pulled pull(mux_id stream, std::span<std::byte> room) override {
    pulls.push_back(stream);
    auto& one = streams[stream];
    auto count = std::min({room.size(), one.to_send.size() - one.sent, most_pulled});
    std::ranges::copy(as_bytes(std::string_view(one.to_send).substr(one.sent, count)), room.begin());
    if (one.sends_urgent > 0 && count > 0) {
      --one.sends_urgent;
      ++one.sent;
      return {1, one.sent < one.to_send.size() ? mux_pulled::then::more : mux_pulled::then::dry, true};
    }
    one.sent += count;
    if (one.sent < one.to_send.size()) return {count, mux_pulled::then::more};
    if (keep_open) return {count, mux_pulled::then::dry};
    return {count, one.reset_after ? mux_pulled::then::broken : mux_pulled::then::end, false, breaks_by};
  }
  void peer_goes_away() override { away = true; }
  outcome<> shown(byte_view body) override {
    certificates.emplace_back(as_text(body));
    return {};
  }
  void flow_asked(mux_id flow, const mux_target& target) override { targets[flow] = target; }
  void flow_ruled(mux_id flow, const mux_flow_rules& rules) override { ruled[flow] = rules; }
  void datagram(mux_id flow, byte_view data) override {
    if (ended_flows.contains(flow)) ++datagrams_behind_end;
    datagrams[flow].emplace_back(as_text(data));
  }
  void datagram_beside(mux_id flow, const endpoint& where, byte_view data) override {
    datagrams[flow].push_back(to_string(where) + " " + std::string(as_text(data)));
  }
  void flow_ended(mux_id flow, const mux_refusal& why) override { ended_flows[flow] = why; }

  void consume(mux_id stream) {
    if (auto count = std::exchange(streams[stream].unread, 0)) link.consumed(stream, count);
  }
  void accept(mux_id stream) {
    streams[stream].opened = true;
    link.accept(stream);
    link.readable(stream, now);
  }
  mux_id open(std::string to_send) {
    auto id = *link.open({mux_target::by::gateway, "db"});
    streams[id].to_send = std::move(to_send);
    return id;
  }

  mux::clock::time_point now{};
  std::map<mux_id, app_stream> streams;
  std::map<mux_id, mux_target> targets;
  std::vector<std::string> certificates; ///< that the peer has shown
  std::map<mux_id, std::vector<std::string>> datagrams;
  std::map<mux_id, mux_refusal> ended_flows;
  std::map<mux_id, mux_flow_rules> ruled;
  mux_reason breaks_by = mux_reason::failed;
  int datagrams_behind_end = 0;
  std::vector<mux_refusal> refusals;
  std::vector<mux_id> pulls, unanswered;
  std::size_t most_unread = 0, most_pulled = 1 << 20;
  bool ready = false, away = false, answer = true, refuse_all = false, reads_at_once = true,
       keep_open = false;
  mux link; ///< last: it says hello when it is made
};

/// `a` dialled.
struct mux_pair {
  mux_side a, b;
  mux_buffer a_to_b, b_to_a;

  explicit mux_pair(const mux_limits& limits = {}) : mux_pair(limits, limits) {}
  mux_pair(const mux_limits& of_a, const mux_limits& of_b) : a(true, of_a), b(false, of_b) {}

  void pass(std::chrono::milliseconds time) {
    a.now += time;
    b.now += time;
  }
  /// At most so many bytes from a to b or back; the outcome of the reader.
  outcome<> move(bool forth, std::size_t most) {
    auto& from = forth ? a : b;
    auto& to = forth ? b : a;
    auto& line = forth ? a_to_b : b_to_a;
    if (line.empty()) from.link.produce(line, most, from.now);
    auto part = line.view().first(std::min(most, line.size()));
    auto taken = to.link.received(part, to.now);
    line.taken(part.size());
    return taken;
  }
  bool quiet() const {
    return a_to_b.empty() && b_to_a.empty() && !a.link.wants_to_send() && !b.link.wants_to_send();
  }
  /// Until nothing is on its way.
  outcome<> settle() {
    while (!quiet())
      for (bool forth : {true, false})
        if (auto taken = move(forth, 1 << 16); !taken) return taken;
    return {};
  }
};

} // namespace hublink::test
