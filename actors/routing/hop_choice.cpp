#include "actors/routing/hop_choice.hpp"

namespace hublink {

namespace {

hop_choice with_address(const definition& self, const next_hop& hop, const system_answers& answers) {
  hop_choice choice;
  choice.hop = hop;
  if (auto* client = self.find_client(hop.hop)) choice.dials_out = client->dials_out;
  if (auto dial = where_to_dial(self, hop.hop)) {
    choice.where = addresses_to_dial(*dial, answers);
    if (choice.where.empty() && !choice.dials_out)
      choice.unresolved = unresolved(self, hop.hop, *dial, answers);
  }
  if (!hop.address && hop.host == hop.hop && !choice.where.empty())
    choice.hop.address = choice.where.front().address;
  return choice;
}

} // namespace

std::set<std::string> names_to_dial(const way_plan& plan) {
  std::set<std::string> names;
  if (!plan.ways) return names;
  for (const auto& way : *plan.ways) {
    if (!way.hops || !*way.hops) continue;
    for (const auto& hop : **way.hops) {
      auto* client = plan.self->find_client(hop.hop);
      auto dial = client && client->dials_out ? std::nullopt : where_to_dial(*plan.self, hop.hop);
      if (dial) names.insert(dial->ask.begin(), dial->ask.end());
    }
  }
  return names;
}

outcome<hop_choices> find_choices(const way_plan& plan, const system_answers& answers) {
  if (!plan.ways) return plan.ways.error();
  if (plan.ways->empty())
    return failure{errc::no_route, plan.self->node, "the destination is this node itself"};
  hop_choices all;
  for (const auto& way : *plan.ways) {
    if (!*way.hops) return way.hops->error();
    std::vector<hop_choice> choices;
    for (const auto& hop : **way.hops) choices.push_back(with_address(*plan.self, hop, answers));
    all.targets.push_back(std::move(choices));
  }
  return all;
}

} // namespace hublink
