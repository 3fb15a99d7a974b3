#include "actors/routing/way_plan.hpp"
#include "actors/routing/authorisation.hpp"
#include "actors/routing/branching.hpp"

#include <algorithm>

namespace hublink {

namespace {

using names = std::vector<std::string>;

// Where no other is left it stays, so that what is refused is the circle.
void leave_out(const std::string& hop, std::vector<next_hop>& hops) {
  auto leads_back = [&](const next_hop& each) { return each.hop == hop; };
  if (!std::all_of(hops.begin(), hops.end(), leads_back)) std::erase_if(hops, leads_back);
}

std::set<std::string> names_of(const host_entry& entry) { return {entry.ask.begin(), entry.ask.end()}; }

/// The hops that all of these try, as far as they are the same: those over which a relay goes.
std::set<std::string> common_hops(const std::vector<way>& ways) {
  std::set<std::string> common;
  for (std::size_t i = 0;; ++i) {
    for (const auto& each : ways) {
      if (!each.hops || !*each.hops || (*each.hops)->size() <= i) return common;
      if ((*each.hops)->at(i).hop != (*ways.front().hops)->at(i).hop) return common;
    }
    common.insert((*ways.front().hops)->at(i).hop);
  }
}

std::optional<way_rest> part(const way_plan& failed, const open& request) {
  const auto tried = common_hops(*failed.ways);
  auto goes_on = [&](const way& each) {
    auto is_new = [&](const next_hop& hop) { return !tried.count(hop.hop); };
    return each.hops && *each.hops && std::any_of((*each.hops)->begin(), (*each.hops)->end(), is_new);
  };
  if (std::none_of(failed.ways->begin(), failed.ways->end(), goes_on)) return {};
  way_rest rest{request, failed};
  rest.plan.parts = true;
  rest.plan.tried = tried;
  return rest;
}

/// For its own client alone: others who look for the point have ways around this server.
std::optional<way_rest> ask_receivers(const way_plan& failed, const open& request) {
  auto found = failed.self->transfers.find(request.file.value_or(""));
  if (found == failed.self->transfers.end() || found->second.instead.empty()) return {};
  const auto& known = found->second;
  if (failed.avoided != known.sender || known.next != names{failed.ways->front().wanted.host}) return {};
  way_rest rest{request, {}};
  auto& wanted = rest.request.destination = known.instead;
  if (!request.only.empty())
    std::erase_if(wanted, [&](const auto& name) { return !contains(request.only, name); });
  if (wanted.empty()) return {};
  rest.plan = plan_origin(failed.self, rest.request);
  rest.plan.asker = failed.asker;
  const bool stores = known.policy.store != store_policy::never && request.only.empty();
  rest.plan.store = stores ? &known : nullptr;
  rest.plan.parts = stores || wanted.size() > 1;
  if (rest.plan.parts) wanted = {failed.self->node}; // the point: no other one stands above it
  return rest;
}

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
    leave_out_avoided(way);
  }
}

void way_plan::avoid(const std::string& peer, const open& request) {
  avoided = peer;
  told_ = told_names(request);
  if (!ways) return;
  for (auto& way : *ways) leave_out_avoided(way);
  find_parts(request);
}

void way_plan::find_parts(const open& request) {
  if (ways && traits_of(request.kind).may_part) parts = store || parts_here(*ways);
}

// What this server's own definition names instead may well lie behind who told the file.
void way_plan::leave_out_avoided(way& of) const {
  if (of.hops && *of.hops && contains(told_, of.wanted.host)) leave_out(avoided, **of.hops);
}

way_plan plan_origin(definition_ptr self, const open& request) {
  way_plan plan;
  plan.self = std::move(self);
  plan.ways = find_ways(*plan.self, request);
  if (plan.ways && traits_of(request.kind).may_part) plan.store = stores_here(*plan.self, request);
  plan.find_parts(request);
  return plan;
}

outcome<way_plan> plan_asked(definition_ptr self, const std::string& peer, role peer_role,
                             const open& request) {
  if (auto allowed = authorise(*self, peer, peer_role, request); !allowed) return allowed.error();
  if (self->role == role::server) {
    auto plan = plan_origin(std::move(self), request);
    plan.asker = peer + (request.share ? "/" + std::to_string(*request.share) : "");
    plan.avoid(peer, request);
    return plan;
  }
  way_plan here; // circuits begin and end at clients and managers
  here.self = std::move(self);
  return here;
}

std::optional<way_rest> plan_rest(const way_plan& failed, const open& request) {
  if (failed.parts || !failed.self || failed.self->role != role::server) return {};
  if (!failed.ways || failed.ways->empty() || !traits_of(request.kind).may_part) return {};
  return failed.ways->size() > 1 ? part(failed, request) : ask_receivers(failed, request);
}

} // namespace hublink
