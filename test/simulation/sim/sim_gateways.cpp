#include "simulation/sim/sim_gateways.hpp"

#include "actors/gateway/gateway_policy.hpp"

#include <algorithm>

namespace hublink::sim {

sim_gateways::sim_gateways(network& net, sim_plane& circuits, application_book& book, definition_ptr self)
    : net_(net), circuits_(circuits), book_(book), self_(std::move(self)) {}

// The real one has a thread of its own: nothing of what it is told happens inside the call.
void sim_gateways::post(std::function<void()> what) {
  net_.in().after({}, [this, what = std::move(what)] {
    if (!deaf_) what();
  });
}

void sim_gateways::serve(weak_owner<gateway_owner> owner) {
  post([this, owner] {
    owner_ = owner;
    listens_ = true;
  });
}

void sim_gateways::define(definition_ptr self) {
  post([this, self] {
    self_ = self;
    for (auto& [id, link] : links_)
      if (!link->peer().empty()) keep_if_wanted(*link);
  });
}

// -- links
// --------------------------------------------------------------------------------------------------------

void sim_gateways::run(circuit_id circuit, std::string expected) {
  post([this, circuit, expected] { make_link(circuit, expected); });
}

void sim_gateways::make_link(circuit_id circuit, const std::string& expected) {
  if (!expected.empty()) ++dials_[expected];
  for (const auto& [id, link] : links_)
    if (!expected.empty() && link->expected() == expected && link->peer().empty())
      book_.complain(node() + " dials " + expected + " while it dials it");
  auto lent = circuits_.lend(circuit, [this, circuit](const failure& why) {
    post([this, circuit, why] {
      if (auto found = links_.find(circuit); found != links_.end()) {
        auto link = found->second;
        link->close(why);
      }
    });
  });
  if (!lent || !lent->line)
    return owner_.tell(gateway_down{circuit, {}, {errc::cut, {}, "the circuit ended before it was used"}});
  auto link = std::make_shared<sim_gateway_link>(net_, circuit, lent->line, expected, *self_, *this);
  links_.emplace(circuit, link);
  link->start();
}

std::shared_ptr<sim_gateway_link> sim_gateways::link_to(const std::string& peer) const {
  for (const auto& [id, link] : links_)
    if (link->peer() == peer && link->takes_streams()) return link;
  return nullptr;
}

void sim_gateways::link_up(sim_gateway_link& link) {
  net_.in().note(node(), "gateway link to " + link.peer() + " up");
  ++ups_[link.peer()];
  keep_if_wanted(link);
  drop_second_link(link);
  owner_.tell(gateway_up{link.circuit(), link.peer()});
  for (auto& waiting : take_waiting(link.peer())) link.open(waiting.target, waiting.stream);
}

void sim_gateways::keep_if_wanted(sim_gateway_link& link) {
  const auto& proxy = self_->proxy;
  if (link.dialled()) link.close_when_unused(!proxy.enabled || !contains(proxy.kept, link.peer()));
}

// Both gateways dialled: the link that was dialled by the name that sorts first stays.
void sim_gateways::drop_second_link(sim_gateway_link& fresh) {
  bool mine_stays = node() < fresh.peer();
  for (const auto& [id, link] : links_) {
    if (link.get() == &fresh || link->peer() != fresh.peer() || !link->takes_streams()) continue;
    bool old_stays = link->dialled() != fresh.dialled() && link->dialled() == mine_stays;
    (old_stays ? fresh : *link).drain();
  }
}

void sim_gateways::link_down(sim_gateway_link& link, const outcome<>& result) {
  auto kept = link.shared_from_this();
  links_.erase(link.circuit());
  auto why = result ? failure{errc::cut, {}, "it was not needed any more"} : result.error();
  net_.in().note(node(), "gateway link to " + link.peer() + " ended: " + why.text);
  circuits_.give_back(link.circuit(), result);
  owner_.tell(gateway_down{link.circuit(), link.peer(), why});
}

void sim_gateways::unreachable(std::string peer, failure why) {
  post([this, peer, why] {
    if (link_to(peer)) return;
    mux_refusal refusal{mux_reason::unreachable, to_string(why)};
    for (auto& waiting : take_waiting(peer)) waiting.stream->answered(&refusal);
  });
}

void sim_gateways::revoke(const std::string& peer) {
  revoked_.insert(peer);
  for (auto& [id, link] : std::map{links_}) link->recheck();
}

void sim_gateways::close_links() {
  for (auto& [id, link] : std::map{links_}) link->close(failure{errc::cancelled, {}, "the node stops"});
}

void sim_gateways::crash() {
  deaf_ = true;
  for (auto& [id, link] : std::exchange(links_, {})) link->die();
  for (auto& [peer, line] : std::exchange(waiting_, {}))
    for (auto& waiting : line) waiting.stream->link_lost();
}

// -- applications
// ------------------------------------------------------------------------------------------------

void sim_gateways::connect(std::uint64_t number) {
  auto stream = std::make_shared<application>(book_, number);
  const auto& asked = book_.at(number);
  mux_target target{mux_target::by::gateway, asked.gateway};
  for (const auto& gateway : self_->proxy.gateways)
    if (listens_ && self_->proxy.enabled && gateway.name == asked.gateway && gateway.calling == node())
      return open_stream(gateway.called, target, stream);
  mux_refusal nobody{mux_reason::refused, node() + " does not listen for " + asked.gateway};
  stream->answered(&nobody);
}

void sim_gateways::open_stream(const std::string& peer, const mux_target& target,
                               const std::shared_ptr<application>& stream) {
  if (drained_) {
    auto busy = refusal::drained(node());
    return stream->answered(&busy);
  }
  if (auto link = link_to(peer)) return link->open(target, stream);
  owner_.tell(gateway_wanted{peer});
  waiting_[peer].push_back({target, stream, net_.in().now()});
}

std::vector<sim_gateways::waiting_stream> sim_gateways::take_waiting(const std::string& peer) {
  auto line = waiting_.extract(peer);
  if (!line) return {};
  for (const auto& waiting : line.mapped())
    if (net_.in().now() - waiting.since > want_limit)
      book_.complain("connection " + std::to_string(waiting.stream->number()) +
                     " waited too long for a link to " + peer);
  return std::move(line.mapped());
}

void sim_gateways::stream_asked(sim_gateway_link& link, mux_id stream, const mux_target& target) {
  auto where = may_deliver(*self_, link.peer(), false, target, [](const ip_address&) { return false; });
  if (auto* no = std::get_if<mux_refusal>(&where)) return link.refuse(stream, *no);
  if (drained_) return link.refuse(stream, refusal::drained(node()));
  net_.in().after(net_.delay(), [this, weak = link.weak_from_this(), stream] { // the destination answers
    if (auto strong = weak.lock()) strong->accept(stream, std::make_shared<application>(book_, node()));
  });
}

void sim_gateways::stream_came_late(const std::string& peer, const mux_target& target,
                                    const std::shared_ptr<application>& stream) {
  open_stream(peer, target, stream);
}

// Its report has no connections, so nobody waits for their end.
void sim_gateways::drain(std::function<void()> idle) {
  post([this, idle = std::move(idle)] {
    drained_ = true;
    idle();
  });
}

// -- listings
// -----------------------------------------------------------------------------------------------------

void sim_gateways::report(std::uint64_t number, weak_owner<gateway_owner> owner) {
  post([this, number, owner] {
    gateway_report made;
    made.enabled = self_->proxy.enabled;
    for (const auto& [id, link] : links_) made.links.push_back(link->report());
    owner.tell(gateway_reported{number, std::move(made)});
  });
}

std::size_t sim_gateways::links_to(const std::string& peer) const {
  return std::size_t(std::count_if(links_.begin(), links_.end(), [&](const auto& each) {
    return each.second->up() && each.second->peer() == peer;
  }));
}

std::size_t sim_gateways::waiting() const {
  std::size_t all = 0;
  for (const auto& [peer, line] : waiting_) all += line.size();
  return all;
}

int sim_gateways::times_up(const std::string& peer) const {
  auto found = ups_.find(peer);
  return found == ups_.end() ? 0 : found->second;
}

} // namespace hublink::sim
