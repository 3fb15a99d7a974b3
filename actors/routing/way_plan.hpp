#pragma once
/// What one node does about one `open`. The rules are evaluated once, when it arrives or begins here; who
/// serves it works with what came out, whatever definition is in force by then. Pure.
#include "actors/routing/next_hop.hpp"

#include <set>
#include <string>
#include <vector>

namespace hublink {

struct way_plan {
  definition_ptr self{};                      ///< the definition that the rules were evaluated with
  outcome<std::vector<way>> ways{};           ///< none: the circuit ends here
  const transfer_definition* store = nullptr; ///< of `self`: this server keeps the file for its receivers
  bool parts = false;                         ///< this server is a broadcast point
  std::string asker{};                        ///< for whose share names are looked up; empty: this node's own
  std::string avoided{};                      ///< the node that asked: not asked back where another is left

  bool ends_here() const { return ways && ways->empty(); }
  /// The names that the system resolver is asked for, of foreign hosts whose address only it can tell.
  std::set<std::string> unknown_hosts() const;
  /// The hops towards those.
  void add_hops(const system_answers& answers);
  void avoid(const std::string& peer);
};

/// At the node where the circuit begins, which asks for it itself.
way_plan plan_origin(definition_ptr self, const open& request);

/// At a node that `peer` asks. Fails as `authorise`; what the rules refuse later on is in `ways`.
outcome<way_plan> plan_asked(definition_ptr self, const std::string& peer, role peer_role,
                             const open& request);

} // namespace hublink
