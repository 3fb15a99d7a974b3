#include "actors/routing/next_hop.hpp"

#include <algorithm>
#include <set>

namespace hublink {

namespace {

using names = std::vector<std::string>;

bool tells_source(const open& request) { return traits_of(request.kind).tells == told_as::source; }

/// The neighbour that leads to that server; null if it is no server known here.
const std::string* hop_towards(const definition& self, const std::string& server) {
  if (auto found = self.name_routes.find(server); found != self.name_routes.end()) return &found->second;
  auto* next_to_us = self.find_neighbour(server);
  return next_to_us ? &next_to_us->name : nullptr;
}

/// What this node's own host definitions say of a name in one of its tables; nothing if the system has to be
/// asked.
std::optional<ip_address> own_address(const definition& self, const std::string& name,
                                      const endpoint& in_table) {
  if (self.system_resolver) return {};
  auto found = self.hosts.find(name);
  return found == self.hosts.end() ? in_table.address : found->second;
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

/// At a client or manager, where a circuit begins: all goes to the home server.
std::vector<target> towards_home(const definition& self, const open& request) {
  auto tell = told_names(request);
  if (!traits_of(request.kind).follows_file && tell == names{self.node}) return {};
  return {{.host = self.home, .is_source = tells_source(request), .tell = std::move(tell)}};
}

std::vector<next_hop> only_hop(const target& wanted, std::optional<ip_address> address,
                               const std::string& hop, chosen_by by, names tell) {
  return {{wanted.host, std::move(address), hop, by, std::move(tell)}};
}

/// Rule 3.
std::vector<next_hop> to_server(const definition& self, const target& wanted, const std::string& hop) {
  if (hop != wanted.host) return only_hop(wanted, {}, hop, chosen_by::route, {wanted.host});
  auto* next_to_us = self.find_neighbour(hop);
  auto address = next_to_us ? own_address(self, hop, next_to_us->address) : std::nullopt;
  return only_hop(wanted, address, hop, chosen_by::route, {});
}

std::vector<const network_route*> matching_routes(const definition& self, const ip_address& address) {
  std::vector<const network_route*> rows;
  for (const auto& row : self.routes)
    if (row.network.contains(address)) rows.push_back(&row);
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

failure no_such_node(const definition& self, const target& wanted) {
  return {errc::no_route, self.node,
          wanted.host + " is no node that the definition of " + self.node +
              " names; correct the name, or compare the topology that this node runs with"};
}

/// Rule 4: routes, then neighbours, then the default server.
outcome<std::vector<next_hop>> to_foreign(const definition& self, const target& wanted,
                                          const ip_address& address) {
  if (self.segment && self.segment->contains(address))
    return failure{errc::not_registered, self.node,
                   wanted.host + " (" + to_string(address) + ") is in " + self.node + "'s segment " +
                       to_string(*self.segment) +
                       " but not registered with it; give it that home or correct its address"};
  std::vector<next_hop> hops;
  auto add = [&](const std::string& server, chosen_by by, bool serves_it) {
    auto* hop = hop_towards(self, server);
    auto same = [&](const next_hop& known) { return known.hop == *hop; };
    if (!hop || server == self.node || std::any_of(hops.begin(), hops.end(), same)) return;
    // A request's source is told until the server that serves it is next: its own definition names the
    // sender.
    const bool alone = wanted.is_source && serves_it && *hop == server;
    hops.push_back({wanted.host, address, *hop, by, alone ? names{} : names{wanted.host}});
  };
  for (const auto* row : matching_routes(self, address))
    add(row->via, chosen_by::route, !row->explicit_route);
  for (const auto& row : self.neighbours)
    if ((row.segment && row.segment->contains(address)) || row.address.address == address)
      add(row.name, chosen_by::neighbour, false);
  if (self.default_route) add(*self.default_route, chosen_by::default_route, false);
  if (hops.empty()) return no_route(self, wanted, address);
  return hops;
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

outcome<std::vector<target>> find_targets(const definition& self, const open& request) {
  if (self.role != role::server) return towards_home(self, request);
  auto goals = names_to_reach(self, request);
  if (!goals) return goals.error();
  std::vector<target> targets;
  for (const auto& name : *goals) {
    const bool known = self.find_client(name) || hop_towards(self, name);
    targets.push_back({.host = name, .needs_address = !known, .is_source = tells_source(request)});
  }
  return targets;
}

outcome<std::vector<next_hop>> find_hops(const definition& self, const target& wanted,
                                         const std::optional<ip_address>& address) {
  if (self.role != role::server) {
    auto home_address = own_address(self, self.home, self.home_address);
    return only_hop(wanted, home_address, self.home, chosen_by::definition, wanted.tell);
  }
  if (auto* client = self.find_client(wanted.host)) {
    auto client_address = own_address(self, client->name, client->address);
    return only_hop(wanted, client_address, client->name, chosen_by::registered, {});
  }
  if (auto* hop = hop_towards(self, wanted.host)) return to_server(self, wanted, *hop);
  if (!address)
    return failure{errc::no_route, self.node,
                   wanted.host + " has no address in the host definitions of " + self.node};
  return to_foreign(self, wanted, *address);
}

outcome<std::vector<way>> find_ways(const definition& self, const open& request) {
  auto targets = find_targets(self, request);
  if (!targets) return targets.error();
  std::vector<way> ways;
  for (auto& wanted : *targets) {
    auto known = self.hosts.find(wanted.host);
    bool named = known != self.hosts.end();
    if (wanted.needs_address && named && self.system_resolver) {
      ways.push_back({std::move(wanted)});
      continue;
    }
    auto hops = wanted.needs_address && !named
                    ? outcome<std::vector<next_hop>>{no_such_node(self, wanted)}
                    : find_hops(self, wanted, named ? std::optional{known->second} : std::nullopt);
    ways.push_back({std::move(wanted), std::move(hops)});
  }
  return ways;
}

std::optional<dial_target> where_to_dial(const definition& self, const std::string& name) {
  std::optional<endpoint> in_table;
  if (auto* next_to_us = self.find_neighbour(name)) in_table = next_to_us->address;
  if (auto* client = self.find_client(name)) in_table = client->address;
  if (self.role != role::server && name == self.home) in_table = self.home_address;
  if (!in_table) return {};
  auto address = own_address(self, name, *in_table).value_or(in_table->address);
  return dial_target{{address, in_table->port}, self.system_resolver};
}

endpoint address_to_dial(const dial_target& dial, const std::string& name, const system_answers& answers) {
  auto answer = answers.find(name);
  if (!dial.needs_system || answer == answers.end() || !answer->second) return dial.where;
  return {*answer->second, dial.where.port};
}

} // namespace hublink
