#include "node/topology/walk.hpp"

#include "actors/routing/authorisation.hpp"

#include <algorithm>
#include <set>

namespace hublink {

namespace {

/// Hops that can share one circuit: the same neighbour, and every destination told by name.
struct branch {
  next_hop chosen;
  std::vector<std::string> fallback;
  bool is_source = false;
};

class walker {
 public:
  walker(const std::map<std::string, definition>& nodes, const system_resolver& resolver)
      : nodes_(nodes), resolver_(resolver) {}

  walk_result follow(const std::string& origin, const open& start) {
    if (!nodes_.count(origin)) return {{}, {}, {{errc::unknown_file, origin, "there is no node " + origin}}};
    go_on(nodes_.at(origin), start);
    return std::move(result_);
  }

 private:
  void refuse(const definition& at, failure why) {
    if (why.hop.empty()) why.hop = at.node;
    result_.failures.push_back(std::move(why));
  }

  /// A node is asked by a neighbour.
  void arrive(const std::string& node, const definition& from, const open& told) {
    auto found = nodes_.find(node);
    if (found == nodes_.end()) return refuse(from, {errc::hop_down, from.node, "there is no node " + node});
    const auto& self = found->second;
    if (auto allowed = may_ask(self, from.node, from.role, told); !allowed)
      return refuse(self, allowed.error());
    if (told.hops_left == 0)
      return refuse(self, {errc::loop, self.node, "more than " + std::to_string(max_hops) + " hops"});
    if (!active_.insert({self.node, told.source.value_or(""), told.key()}).second)
      return refuse(self, {errc::loop, self.node,
                           "the circuit comes back to " + self.node + " with the same destination"});
    if (self.role != role::server)
      result_.arrived.push_back(self.node);
    else
      go_on(self, told);
  }

  void go_on(const definition& self, const open& told) {
    auto targets = find_targets(self, told);
    if (!targets) return refuse(self, targets.error());
    if (targets->empty()) result_.arrived.push_back(self.node);
    std::vector<branch> branches;
    for (const auto& target : *targets) add_branch(self, target, branches);
    for (auto& each : branches) take(self, told, std::move(each));
  }

  void add_branch(const definition& self, const target& wanted, std::vector<branch>& branches) {
    std::optional<ip_address> address;
    if (wanted.needs_address) address = resolve(self, wanted.host);
    auto hops = find_hops(self, wanted, address);
    if (!hops) return refuse(self, hops.error());
    branch made{hops->front(), {}, wanted.is_source};
    for (std::size_t i = 1; i < hops->size(); ++i) made.fallback.push_back(hops->at(i).hop);
    auto shared = std::find_if(branches.begin(), branches.end(), [&](const auto& other) {
      return other.chosen.hop == made.chosen.hop && !other.chosen.tell.empty() && !made.chosen.tell.empty();
    });
    if (shared == branches.end()) return branches.push_back(std::move(made));
    auto& tell = shared->chosen.tell;
    tell.insert(tell.end(), made.chosen.tell.begin(), made.chosen.tell.end());
  }

  void take(const definition& self, const open& told, branch taken) {
    auto next = told;
    next.source.reset();
    next.destination.clear();
    if (taken.is_source && !taken.chosen.tell.empty())
      next.source = taken.chosen.tell.front();
    else
      next.destination = taken.chosen.tell;
    next.hops_left = told.hops_left > 0 ? told.hops_left - 1 : 0;
    result_.steps.push_back(
        {self.node, taken.chosen, std::move(taken.fallback), dialled(self, taken.chosen.hop), next});
    arrive(taken.chosen.hop, self, next);
  }

  std::optional<ip_address> resolve(const definition& self, const std::string& host) const {
    if (self.system_resolver) return resolver_(host);
    auto found = self.hosts.find(host);
    return found == self.hosts.end() ? resolver_(host) : found->second;
  }

  std::optional<endpoint> dialled(const definition& self, const std::string& hop) const {
    auto where = where_to_dial(self, hop);
    if (!where) return {};
    if (where->needs_system)
      if (auto address = resolver_(hop)) where->where.address = *address;
    return where->where;
  }

  struct activity {
    std::string node, source;
    open_key key;
    auto operator<=>(const activity&) const = default;
  };

  const std::map<std::string, definition>& nodes_;
  const system_resolver& resolver_;
  std::set<activity> active_;
  walk_result result_;
};

} // namespace

walk_result walk(const std::map<std::string, definition>& nodes, const std::string& origin, const open& start,
                 const system_resolver& resolver) {
  return walker{nodes, resolver}.follow(origin, start);
}

std::optional<open> first_open(const definition& sender, const std::string& file) {
  auto found = sender.sends.find(file);
  if (found == sender.sends.end()) return {};
  open start;
  start.file = file;
  if (const auto& destination = found->second.destination) start.destination = {*destination};
  return start;
}

} // namespace hublink
