#include "simulation/sim/sim_links.hpp"

#include "protocol/circuit/preamble.hpp"

#include <algorithm>
#include <iterator>
#include <variant>

namespace hublink::sim {

namespace {

/// Frames that a link keeps while its connection has no room.
constexpr std::size_t queue_limit = 4096;

bytes first_frame(const hello& self) {
  bytes frame{tls_handshake_byte};
  auto cbor = *encode(self);
  frame.insert(frame.end(), cbor.begin(), cbor.end());
  return frame;
}

std::string_view kind_of(const link_message& message) {
  constexpr std::string_view names[] = {"hello", "open",    "answer",  "abandon", "beat",
                                        "drain", "unknown", "command", "report",  "certificate",
                                        "returned"};
  static_assert(std::size(names) == std::variant_size_v<link_message>);
  return names[message.index()];
}

} // namespace

sim_links::sim_links(network& net, hello self) : net_(net), self_(std::move(self)) {}

link_id sim_links::dial(const endpoints& where, std::string peer, weak_owner<link_owner> owner) {
  auto id = net_.next_id();
  auto& made = links_[id];
  made.peer = std::move(peer);
  made.dialled = made.adopted = true;
  made.owner = std::move(owner);
  net_.dial(self_.name, where, false, [this, id](outcome<stream> line) { connected(id, std::move(line)); });
  net_.in().after(dial_timeout, [this, id] {
    auto found = links_.find(id);
    if (found != links_.end() && !found->second.up && !found->second.hung_up)
      down(id, {errc::hop_down, {}, found->second.peer + " did not answer in time"});
  });
  return id;
}

void sim_links::connected(link_id id, outcome<stream> line) {
  auto found = links_.find(id);
  if (found == links_.end() || found->second.hung_up) {
    if (line) line->reset();
    links_.erase(id);
    return;
  }
  if (!line) return down(id, line.error());
  auto& made = found->second;
  made.line = *line;
  made.line.write(first_frame(self_));
  made.line.listen([this, id](stream::news what) { on_news(id, what); });
}

outcome<hello> sim_links::check_hello(const std::string& peer, byte_view frame) const {
  auto message = decode(frame);
  if (!message) return message.error();
  auto* greeting = std::get_if<hello>(&*message);
  if (!greeting) return {errc::bad_message, peer + " did not begin with hello"};
  if (!peer.empty() && greeting->name != peer)
    return {errc::not_authorised, peer + " calls itself " + greeting->name};
  if (distrusted_.contains(greeting->name))
    return {errc::not_authorised, "the certificate of " + greeting->name + " does not count"};
  if (auto version = negotiate(self_, *greeting); !version) return version.error();
  return *greeting;
}

void sim_links::accept(stream line, byte_view first) {
  auto greeting = check_hello(line.peer(), first);
  if (!greeting) return line.reset();
  auto id = net_.next_id();
  auto& made = links_[id];
  made.line = line;
  made.peer = greeting->name;
  made.up = true;
  made.line.write(*encode(self_));
  made.line.listen([this, id](stream::news what) { on_news(id, what); });
  note("link from " + made.peer + " up");
  acceptor_.tell(link_up{id, greeting->name, greeting->role, false, greeting->incarnation});
}

link_id sim_links::begin_inside(stream line, bool dials, std::string peer, weak_owner<link_owner> owner,
                                over_handler over) {
  auto id = net_.next_id();
  if (!line) {
    owner.tell(link_down{id, {errc::cut, {}, "the circuit ended before it was used"}});
    return id;
  }
  auto& made = links_[id];
  made.line = std::move(line);
  made.peer = std::move(peer);
  made.dialled = dials;
  made.adopted = true;
  made.owner = std::move(owner);
  made.over = std::move(over);
  made.line.write(*encode(self_));
  made.line.listen([this, id](stream::news what) { on_news(id, what); });
  net_.in().after(dial_timeout, [this, id] {
    auto found = links_.find(id);
    if (found != links_.end() && !found->second.up && !found->second.hung_up)
      down(id, {errc::hop_down, {}, found->second.peer + " does not answer on the circuit to it"});
  });
  net_.in().after({}, [this, id] { read(id); });
  return id;
}

void sim_links::adopt(link_id id, weak_owner<link_owner> owner) {
  auto found = links_.find(id);
  if (found == links_.end()) return;
  found->second.adopted = true;
  found->second.owner = std::move(owner);
  if (found->second.lost) return down(id, *found->second.lost);
  net_.in().after({}, [this, id] { read(id); });
}

void sim_links::send(link_id id, const link_message& message) {
  auto found = links_.find(id);
  if (found == links_.end() || !found->second.up || found->second.hung_up) return;
  auto frame = encode(message);
  if (!frame) return down(id, frame.error());
  auto& on = found->second;
  if (on.queue.size() >= queue_limit)
    return down(id, {errc::busy, {}, "the queue to " + on.peer + " is full"});
  on.queue.push_back(std::move(*frame));
  flush(on);
}

void sim_links::flush(link& on) {
  while (!on.queue.empty() && on.line.can_write()) {
    on.line.write(std::move(on.queue.front()));
    on.queue.pop_front();
  }
  if (on.hung_up && on.queue.empty() && !std::exchange(on.finished, true)) on.line.finish();
}

void sim_links::hang_up(link_id id) {
  auto found = links_.find(id);
  if (found == links_.end() || found->second.hung_up) return;
  note("link to " + found->second.peer + " hung up");
  auto& on = found->second;
  on.hung_up = true;
  if (auto over = std::exchange(on.over, {})) over({});
  if (!on.line) return; // `connected` resets it
  if (on.lost || on.line.broken()) return void(links_.erase(found));
  flush(on);
  net_.in().after(dial_timeout, [this, id] { // long enough for the peer to hang up too
    auto found = links_.find(id);
    if (found == links_.end()) return;
    if (found->second.line) found->second.line.reset();
    links_.erase(found);
  });
}

void sim_links::on_news(link_id id, stream::news what) {
  auto found = links_.find(id);
  if (found == links_.end()) return;
  switch (what) {
  case stream::news::readable:
    return read(id);
  case stream::news::writable:
    return flush(found->second);
  case stream::news::broken:
    return down(id, {errc::hop_down, {}, found->second.line.why()});
  }
}

void sim_links::read(link_id id) {
  for (;;) {
    auto found = links_.find(id);
    if (found == links_.end() || !found->second.line) return;
    auto& on = found->second;
    if (!on.line.front() || (!on.adopted && !on.hung_up)) return;
    auto item = on.line.take();
    if (item.fin) return down(id, {errc::hop_down, {}, on.peer + " closed the link"});
    if (!on.hung_up && !take_frame(id, item.data)) return;
  }
}

bool sim_links::take_frame(link_id id, byte_view frame) {
  auto& on = links_.at(id);
  if (!on.up) {
    auto greeting = check_hello(on.over ? "" : on.line.peer(), frame);
    bool any_name = on.over && !on.dialled;
    if (greeting && greeting->name != on.peer && !any_name)
      greeting = {errc::not_authorised, "the certificate there is of " + greeting->name + ", not " + on.peer};
    if (!greeting) return down(id, greeting.error()), false;
    on.up = true;
    on.peer = greeting->name;
    note("link to " + on.peer + " up");
    on.owner.tell(link_up{id, on.peer, greeting->role, on.dialled, greeting->incarnation});
    return true;
  }
  auto message = decode(frame);
  if (!message) return down(id, message.error()), false;
  note(std::string{kind_of(*message)} + " from " + on.peer);
  on.owner.tell(link_received{id, std::move(*message)});
  return true;
}

void sim_links::down(link_id id, failure why) {
  auto found = links_.find(id);
  if (found == links_.end()) return;
  auto& on = found->second;
  if (on.line) on.line.reset();
  if (auto over = std::exchange(on.over, {})) over(why);
  if (!on.adopted && !on.hung_up) {
    on.lost = std::move(why);
    return;
  }
  if (!on.hung_up) {
    note("link " + std::string{on.dialled ? "to " : "from "} + on.peer + " down: " + why.text);
    on.owner.tell(link_down{id, std::move(why)});
  }
  links_.erase(found);
}

void sim_links::distrust(std::set<std::string> peers) {
  distrusted_ = std::move(peers);
  std::vector<link_id> ended;
  for (const auto& [id, on] : links_)
    if (on.up && !on.hung_up && distrusted_.contains(on.peer)) ended.push_back(id);
  for (auto id : ended) down(id, {errc::not_authorised, {}, "its certificate does not count any more"});
}

void sim_links::go_deaf() { links_.clear(); }

std::size_t sim_links::count() const {
  return std::size_t(
      std::count_if(links_.begin(), links_.end(), [](const auto& each) { return !each.second.hung_up; }));
}

} // namespace hublink::sim
