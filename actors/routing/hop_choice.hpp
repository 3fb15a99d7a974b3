#pragma once
/// Ways onward as actors tell each other of them.
#include "actors/routing/next_hop.hpp"

#include <string>
#include <vector>

namespace hublink {

/// One hop to try, with the address to dial for its link and its data port.
struct hop_choice {
  next_hop hop;
  endpoint where;
  bool dials_out = false;       ///< ask over the kept link, and let it dial back
  std::vector<next_hop> also{}; ///< looked for too, and told over the same circuit
};
/// The route resolver's answer: one list of alternatives a target.
struct hop_choices {
  std::vector<std::vector<hop_choice>> targets;
};

} // namespace hublink
