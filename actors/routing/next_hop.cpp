#include "actors/routing/next_hop.hpp"

#include <algorithm>
#include <set>

namespace hublink {

namespace {

using names = std::vector<std::string>;

bool tells_source(const open& request) { return traits_of(request.kind).tells == told_as::source; }

/// The neighbours that lead to that server, best first; none if it is no server known here.
names hops_towards(const definition& self, const std::string& server) {
  names hops;
  if (auto found = self.name_routes.find(server); found != self.name_routes.end())
    hops.push_back(found->second);
  if (auto found = self.other_ways.find(server); found != self.other_ways.end())
    hops.insert(hops.end(), found->second.begin(), found->second.end());
  if (hops.empty() && self.find_neighbour(server)) hops.push_back(server);
  return hops;
}

/// What this node's own host definitions say of a name; nothing if the system has to be asked.
std::optional<ip_address> known_address(const definition& self, const std::string& name) {
  auto entry = entry_of(self, name);
  return entry.ask.empty() ? entry.address : std::nullopt;
}

failure unknown_file(const definition& self, const open& request, const std::string& why) {
  return {errc::unknown_file, self.node,
          "file " + request.file.value_or("(none told)") + " " + why + " at " + self.node +
              "; compare the transfer in the topology that this node runs with"};
}

/// Rule 2: what this server's own definition says of the file.
outcome<names> by_definition(const definition& self, const open& request) {
  auto found = self.transfers.find(request.file.value_or(""));
  if (!request.file || found == self.transfers.end())
    return unknown_file(self, request, "has no transfer definition");
  const auto& known = found->second;
  if (tells_source(request)) {
    if (known.sender.empty())
      return unknown_file(self, request, "has no sender among the registered clients");
    return names{known.sender};
  }
  if (known.next.empty()) return unknown_file(self, request, "has no next host");
  if (contains(known.next, self.node))
    return failure{errc::loop, self.node,
                   "the transfer definition of " + *request.file + " at " + self.node + " points back to " +
                       self.node};
  if (request.only.empty() || known.next.size() == 1) return known.next;
  names wanted;
  std::copy_if(known.next.begin(), known.next.end(), std::back_inserter(wanted),
               [&](const auto& name) { return contains(request.only, name); });
  if (wanted.empty())
    return failure{errc::not_authorised, self.node,
                   "file " + *request.file + " is not for " + request.only.front() +
                       " by the definition at " + self.node};
  return wanted;
}

/// The names to reach from here: those asked for, with this server's own name replaced by its definition.
outcome<names> names_to_reach(const definition& self, const open& request) {
  auto goals = told_names(request);
  if (!traits_of(request.kind).follows_file) return goals == names{self.node} ? names{} : goals;
  if (goals.empty()) return by_definition(self, request);
  names result;
  std::set<std::string> known;
  for (const auto& goal : goals) {
    auto meant = goal == self.node ? by_definition(self, request) : outcome<names>{names{goal}};
    if (!meant) return meant.error();
    for (const auto& name : *meant)
      if (known.insert(name).second) result.push_back(name);
  }
  return result;
}

/// Whom a client or manager dials for that.
std::string first_hop(const definition& self, const open& request, const names& tell) {
  const auto file = request.file.value_or("");
  const bool follows_file = traits_of(request.kind).follows_file;
  std::string first;
  if (auto sent = self.sends.find(file); follows_file && !tells_source(request) && sent != self.sends.end())
    first = sent->second.dials;
  if (auto got = self.receives.find(file);
      follows_file && tells_source(request) && got != self.receives.end())
    first = got->second.dials;
  if (auto proxy = self.proxies.find(tell.empty() ? "" : tell.front());
      traits_of(request.kind).by_proxy && proxy != self.proxies.end())
    first = proxy->second;
  return first.empty() ? self.home : first;
}

/// At a client or manager, where a circuit begins: all goes over the home server, or whom the definition
/// names instead. The other end of a direct transfer is told the file alone.
std::vector<target> from_origin(const definition& self, const open& request) {
  auto tell = told_names(request);
  if (!traits_of(request.kind).follows_file && tell == names{self.node}) return {};
  auto host = first_hop(self, request, tell);
  auto* dialled = self.find_dialled(host);
  if (dialled && dialled->role == role::client) tell.clear();
  return {{.host = std::move(host), .is_source = tells_source(request), .tell = std::move(tell)}};
}

std::vector<next_hop> only_hop(const target& wanted, std::optional<ip_address> address,
                               const std::string& hop, chosen_by by, names tell) {
  return {{wanted.host, std::move(address), hop, by, std::move(tell)}};
}

bool leads_to(const network_route& row, const std::string& host, const std::optional<ip_address>& address) {
  return row.host.empty() ? address && row.network.contains(*address) : row.host == host;
}

std::vector<const network_route*> matching_routes(const definition& self, const std::string& host,
                                                  const std::optional<ip_address>& address) {
  std::vector<const network_route*> rows;
  for (const auto& row : self.routes)
    if (leads_to(row, host, address)) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) {
    if (a->explicit_route != b->explicit_route) return a->explicit_route;
    if (a->priority != b->priority) return a->priority < b->priority;
    return a->network.prefix > b->network.prefix;
  });
  return rows;
}

failure no_route(const definition& self, const target& wanted, const ip_address& address) {
  auto default_text = self.default_route ? "the default route to " + *self.default_route : "no default route";
  return {errc::no_route, self.node,
          "no route to " + wanted.host + " (" + to_string(address) + "): searched " +
              std::to_string(self.routes.size()) + " routes, " + std::to_string(self.neighbours.size()) +
              " neighbours, " + default_text + "; add a route for that address"};
}

failure not_registered(const definition& self, const target& wanted, const ip_address& address) {
  auto of_it = std::find_if(self.segments.begin(), self.segments.end(),
                            [&](const auto& segment) { return segment.contains(address); });
  return {errc::not_registered, self.node,
          wanted.host + " (" + to_string(address) + ") is in " + self.node + "'s segment " +
              to_string(*of_it) + " but not registered with it; give it that home or correct its address"};
}

failure no_such_node(const definition& self, const target& wanted) {
  return {errc::no_route, self.node,
          wanted.host + " is no node that the definition of " + self.node +
              " names; correct the name, or compare the topology that this node runs with"};
}

/// The hops of one target in the making: each once, by the first table that names it.
class hop_list {
 public:
  hop_list(const definition& self, const target& wanted, const std::optional<ip_address>& address)
      : self_(self), wanted_(wanted), address_(address) {}

  /// The best way to a server that somebody chose for what is wanted: going around it would not be that.
  void add(const std::string& server, chosen_by by) {
    if (server == self_.node) return;
    if (auto hops = hops_towards(self_, server); !hops.empty())
      add_hop(std::move(hops.front()), server, by, false);
  }
  /// All neighbours that lead to `server`, which is what is wanted, or has it for a client (`serves_it`).
  void add_derived(const std::string& server, bool serves_it) {
    for (auto& hop : hops_towards(self_, server))
      add_hop(std::move(hop), server, chosen_by::route, serves_it);
  }
  std::vector<next_hop> take() { return std::move(hops_); }

 private:
  void add_hop(std::string hop, const std::string& server, chosen_by by, bool serves_it) {
    auto same = [&](const next_hop& known) { return known.hop == hop; };
    if (std::any_of(hops_.begin(), hops_.end(), same)) return;
    // A server that is next needs no name told. A request's source is told until the server that serves it is
    // next: its own definition names the sender.
    const bool alone = hop == wanted_.host || (wanted_.is_source && serves_it && hop == server);
    // By its name: no address had a part in it.
    const auto address = server == wanted_.host && hop != server ? std::nullopt : address_;
    hops_.push_back({wanted_.host, address, std::move(hop), by, alone ? names{} : names{wanted_.host}});
  }

  const definition& self_;
  const target& wanted_;
  const std::optional<ip_address>& address_;
  std::vector<next_hop> hops_;
};

/// Own routes, derived ones, neighbours, the default server: for hosts and for servers alike. The derived
/// route to a server goes by its name.
std::vector<next_hop> by_tables(const definition& self, const target& wanted,
                                const std::optional<ip_address>& address) {
  const bool is_server = knows_server(self, wanted.host);
  hop_list hops{self, wanted, address};
  const auto rows = matching_routes(self, wanted.host, address);
  for (const auto* row : rows)
    if (row->explicit_route) hops.add(row->via, chosen_by::route);
  if (is_server) hops.add_derived(wanted.host, false);
  for (const auto* row : rows)
    if (!row->explicit_route && !is_server) hops.add_derived(row->via, true);
  for (const auto& row : self.neighbours)
    if (address && (contains(row.segments, *address) || row.address.known_address() == *address))
      hops.add(row.name, chosen_by::neighbour);
  if (self.default_route) hops.add(*self.default_route, chosen_by::default_route);
  return hops.take();
}

bool has_own_routes(const definition& self) {
  return std::any_of(self.routes.begin(), self.routes.end(),
                     [](const auto& row) { return row.explicit_route; });
}

} // namespace

std::string_view to_string(chosen_by value) {
  switch (value) {
  case chosen_by::registered:
    return "registered";
  case chosen_by::definition:
    return "definition";
  case chosen_by::route:
    return "route";
  case chosen_by::neighbour:
    return "neighbour";
  case chosen_by::default_route:
    return "default";
  }
  return "route";
}

std::vector<std::string> told_names(const open& request) {
  if (!tells_source(request)) return request.destination;
  return request.source ? names{*request.source} : names{};
}

void tell_names(open& onward, std::vector<std::string> hosts) {
  onward.source.reset();
  onward.destination.clear();
  if (!tells_source(onward))
    onward.destination = std::move(hosts);
  else if (!hosts.empty())
    onward.source = std::move(hosts.front());
}

bool has_named_route(const definition& self, const std::string& host) {
  return std::any_of(self.routes.begin(), self.routes.end(),
                     [&](const auto& row) { return row.host == host; });
}

bool knows_server(const definition& self, const std::string& name) {
  return self.name_routes.count(name) != 0 || self.find_neighbour(name);
}

outcome<std::vector<target>> find_targets(const definition& self, const open& request) {
  if (self.role != role::server) return from_origin(self, request);
  auto goals = names_to_reach(self, request);
  if (!goals) return goals.error();
  std::vector<target> targets;
  const bool shortest = traits_of(request.kind).shortest_way;
  for (const auto& name : *goals) {
    const bool by_name = knows_server(self, name) && (shortest || !has_own_routes(self));
    const bool needs_address = !by_name && !self.find_client(name);
    targets.push_back({.host = name,
                       .needs_address = needs_address,
                       .is_source = tells_source(request),
                       .shortest_way = shortest});
  }
  return targets;
}

outcome<std::vector<next_hop>> find_hops(const definition& self, const target& wanted,
                                         const std::optional<ip_address>& address) {
  if (self.role != role::server) {
    return only_hop(wanted, known_address(self, wanted.host), wanted.host, chosen_by::definition,
                    wanted.tell);
  }
  if (auto* client = self.find_client(wanted.host)) {
    return only_hop(wanted, known_address(self, client->name), client->name, chosen_by::registered, {});
  }
  if (knows_server(self, wanted.host)) {
    auto of_server = address ? address : known_address(self, wanted.host);
    if (!wanted.shortest_way) return by_tables(self, wanted, of_server);
    hop_list hops{self, wanted, of_server};
    hops.add(wanted.host, chosen_by::route);
    return std::vector{hops.take().front()};
  }
  if (!address && !has_named_route(self, wanted.host))
    return failure{errc::no_route, self.node,
                   wanted.host + " has no address in the host definitions of " + self.node};
  if (address && contains(self.segments, *address)) return not_registered(self, wanted, *address);
  auto hops = by_tables(self, wanted, address);
  if (hops.empty() && address) return no_route(self, wanted, *address);
  return hops;
}

outcome<std::vector<next_hop>> find_all_hops(const definition& self, const target& wanted,
                                             const std::vector<ip_address>& addresses) {
  if (addresses.empty()) return find_hops(self, wanted, std::optional<ip_address>{});
  auto all = find_hops(self, wanted, std::optional{addresses.front()});
  for (auto address = addresses.begin() + 1; address != addresses.end(); ++address) {
    auto more = find_hops(self, wanted, std::optional{*address});
    if (!more) continue;
    if (!all) all = std::vector<next_hop>{};
    for (auto& hop : *more) {
      auto same = [&](const next_hop& known) { return known.hop == hop.hop; };
      if (std::none_of(all->begin(), all->end(), same)) all->push_back(std::move(hop));
    }
  }
  return all;
}

outcome<std::vector<way>> find_ways(const definition& self, const open& request) {
  auto targets = find_targets(self, request);
  if (!targets) return targets.error();
  std::vector<way> ways;
  for (auto& wanted : *targets) {
    const bool named = self.hosts.count(wanted.host) != 0;
    if (wanted.needs_address && !named && !knows_server(self, wanted.host)) {
      auto nobody = no_such_node(self, wanted);
      ways.push_back({std::move(wanted), outcome<std::vector<next_hop>>{std::move(nobody)}});
      continue;
    }
    auto address = wanted.needs_address ? known_address(self, wanted.host) : std::nullopt;
    if (wanted.needs_address && !address && named) { // the system is asked first
      ways.push_back({std::move(wanted)});
      continue;
    }
    auto hops = find_hops(self, wanted, address);
    ways.push_back({std::move(wanted), std::move(hops)});
  }
  return ways;
}

} // namespace hublink
