#include "actors/routing/way_plan.hpp"
#include "actors/routing/authorisation.hpp"
#include "actors/routing/branching.hpp"

#include <algorithm>

namespace hublink {

namespace {

// Where no other is left it stays, so that what is refused is the circle.
void leave_out(const std::string& hop, std::vector<next_hop>& hops) {
  auto leads_back = [&](const next_hop& each) { return each.hop == hop; };
  if (!std::all_of(hops.begin(), hops.end(), leads_back)) std::erase_if(hops, leads_back);
}

std::set<std::string> names_of(const host_entry& entry) { return {entry.ask.begin(), entry.ask.end()}; }

} // namespace

std::set<std::string> way_plan::unknown_hosts() const {
  std::set<std::string> hosts;
  if (!ways) return hosts;
  for (const auto& way : *ways)
    if (!way.hops) hosts.merge(names_of(entry_of(*self, way.wanted.host)));
  return hosts;
}

void way_plan::add_hops(const system_answers& answers) {
  if (!ways) return;
  for (auto& way : *ways) {
    if (way.hops) continue;
    const auto& host = way.wanted.host;
    const auto entry = entry_of(*self, host);
    const auto addresses = answered(entry, answers);
    if (!addresses.empty() || knows_server(*self, host) || has_named_route(*self, host))
      way.hops = find_all_hops(*self, way.wanted, addresses);
    else
      way.hops = failure{errc::no_route, self->node,
                         "no address for " + unresolved(*self, host, entry, answers).text};
    if (*way.hops) leave_out(avoided, **way.hops);
  }
}

void way_plan::avoid(const std::string& peer) {
  avoided = peer;
  if (!ways) return;
  for (auto& way : *ways)
    if (way.hops && *way.hops) leave_out(peer, **way.hops);
}

way_plan plan_origin(definition_ptr self, const open& request) {
  way_plan plan;
  plan.self = std::move(self);
  plan.ways = find_ways(*plan.self, request);
  if (!plan.ways || !traits_of(request.kind).may_part) return plan;
  plan.store = stores_here(*plan.self, request);
  plan.parts = plan.store || parts_here(*plan.ways);
  return plan;
}

outcome<way_plan> plan_asked(definition_ptr self, const std::string& peer, role peer_role,
                             const open& request) {
  if (auto allowed = authorise(*self, peer, peer_role, request); !allowed) return allowed.error();
  if (self->role == role::server) {
    auto plan = plan_origin(std::move(self), request);
    plan.asker = peer + (request.share ? "/" + std::to_string(*request.share) : "");
    plan.avoid(peer);
    return plan;
  }
  way_plan here; // circuits begin and end at clients and managers
  here.self = std::move(self);
  return here;
}

} // namespace hublink
