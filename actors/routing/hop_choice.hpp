#pragma once
/// Ways onward as actors tell each other of them.
#include "actors/routing/way_plan.hpp"

#include <set>
#include <string>
#include <vector>

namespace hublink {

/// One hop to try, with the addresses to dial for its link and its data port.
struct hop_choice {
  next_hop hop;
  endpoints where;                     ///< best first
  std::optional<failure> unresolved{}; ///< why there are none
  bool dials_out = false;              ///< ask over the kept link, and let it dial back
  std::vector<next_hop> also{};        ///< looked for too, and told over the same circuit
};
/// The route resolver's answer: one list of alternatives a target.
struct hop_choices {
  std::vector<std::vector<hop_choice>> targets;
};

/// The names that the system resolver is asked for, of the hops of a plan that has all of its own.
std::set<std::string> names_to_dial(const way_plan& plan);
/// That plan with the addresses to dial. A name that the system does not know leaves the address of the own
/// table. Fails as the first way that has no hop.
outcome<hop_choices> find_choices(const way_plan& plan, const system_answers& answers);

} // namespace hublink
