#include "node/topology/walk.hpp"
#include "actors/routing/way_plan.hpp"

#include <algorithm>
#include <set>

namespace hublink {

namespace {

/// Hops that can share one circuit: the same neighbour, and every destination told by name.
struct branch {
  next_hop chosen;
  std::vector<std::string> fallback;
};

class walker {
 public:
  walker(const definition_source& nodes, const system_resolver& resolver)
      : nodes_(nodes), resolver_(resolver) {}

  walk_result follow(const std::string& origin, const open& start) {
    auto self = nodes_(origin);
    if (self)
      go_on(plan_origin(self, start), start);
    else
      result_.failures.push_back({errc::unknown_file, origin, "there is no node " + origin});
    return std::move(result_);
  }

 private:
  void refuse(const definition& at, failure why) {
    if (why.hop.empty()) why.hop = at.node;
    result_.failures.push_back(std::move(why));
  }

  /// A node is asked by a neighbour.
  void arrive(const std::string& node, const definition& from, const open& request) {
    auto self = nodes_(node);
    if (!self) return refuse(from, {errc::hop_down, from.node, "there is no node " + node});
    auto plan = plan_asked(self, from.node, from.role, request);
    if (!plan) return refuse(*self, plan.error());
    if (request.hops_left == 0)
      return refuse(*self, {errc::loop, node, "more than " + std::to_string(max_hops) + " hops"});
    if (!active_.insert({node, request.source.value_or(""), request.key()}).second)
      return refuse(*self,
                    {errc::loop, node, "the circuit comes back to " + node + " with the same destination"});
    go_on(std::move(*plan), request);
  }

  void go_on(way_plan plan, const open& request) {
    const auto& self = *plan.self;
    if (!plan.ways) return refuse(self, plan.ways.error());
    if (plan.ends_here()) result_.arrived.push_back(self.node);
    plan.add_hops(ask_system(plan.unknown_hosts()));
    std::vector<branch> branches;
    for (const auto& way : *plan.ways) add_branch(self, *way.hops, branches);
    for (auto& each : branches) take(self, request, std::move(each));
  }

  void add_branch(const definition& self, const outcome<std::vector<next_hop>>& hops,
                  std::vector<branch>& branches) {
    if (!hops) return refuse(self, hops.error());
    branch made;
    made.chosen = hops->front();
    for (std::size_t i = 1; i < hops->size(); ++i) made.fallback.push_back(hops->at(i).hop);
    auto shared = std::find_if(branches.begin(), branches.end(), [&](const auto& other) {
      return other.chosen.hop == made.chosen.hop && !other.chosen.tell.empty() && !made.chosen.tell.empty();
    });
    if (shared == branches.end()) return branches.push_back(std::move(made));
    auto& tell = shared->chosen.tell;
    tell.insert(tell.end(), made.chosen.tell.begin(), made.chosen.tell.end());
  }

  void take(const definition& self, const open& request, branch taken) {
    auto next = request;
    tell_names(next, taken.chosen.tell);
    next.hops_left = request.hops_left > 0 ? request.hops_left - 1 : 0;
    walk_step step;
    step.node = self.node;
    step.chosen = taken.chosen;
    step.fallback = std::move(taken.fallback);
    step.dialled = dialled(self, taken.chosen.hop);
    step.request = next;
    result_.steps.push_back(std::move(step));
    arrive(taken.chosen.hop, self, next);
  }

  system_answers ask_system(const std::set<std::string>& names) const {
    system_answers answers;
    for (const auto& name : names)
      if (auto address = resolver_(name)) answers.emplace(name, std::vector{*address});
    return answers;
  }

  std::optional<dial_address> dialled(const definition& self, const std::string& hop) const {
    auto entry = where_to_dial(self, hop);
    if (!entry) return {};
    auto known = addresses_to_dial(*entry, ask_system({entry->ask.begin(), entry->ask.end()}));
    if (!known.empty()) return dial_address{known.front()};
    dial_address by_name;
    by_name.name = entry->ask.back();
    by_name.port = entry->port;
    return by_name;
  }

  struct activity {
    std::string node, source;
    open_key key;
    auto operator<=>(const activity&) const = default;
  };

  const definition_source& nodes_;
  const system_resolver& resolver_;
  std::set<activity> active_;
  walk_result result_;
};

} // namespace

walk_result walk(const definition_source& nodes, const std::string& origin, const open& start,
                 const system_resolver& resolver) {
  return walker{nodes, resolver}.follow(origin, start);
}

walk_result walk(const std::map<std::string, definition>& nodes, const std::string& origin, const open& start,
                 const system_resolver& resolver) {
  auto not_owned = [&](const std::string& node) -> definition_ptr {
    auto found = nodes.find(node);
    return found == nodes.end() ? definition_ptr{} : definition_ptr{definition_ptr{}, &found->second};
  };
  return walk(definition_source{not_owned}, origin, start, resolver);
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
