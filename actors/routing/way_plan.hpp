#pragma once
/// What one node does about one `open`. The rules are evaluated once, when it arrives or begins here; who
/// serves it works with what came out, whatever definition is in force by then. Pure.
#include "actors/routing/next_hop.hpp"

#include <optional>
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
  std::string avoided{};         ///< the node that asked: not asked back for what it told, if another is left
  std::set<std::string> tried{}; ///< hops that the same search has asked from here in vain

  bool ends_here() const { return ways && ways->empty(); }
  /// The names that the system resolver is asked for, of foreign hosts whose address only it can tell.
  std::set<std::string> unknown_hosts() const;
  /// The hops towards those.
  void add_hops(const system_answers& answers);
  void avoid(const std::string& peer, const open& request);
  void find_parts(const open& request);

 private:
  void leave_out_avoided(way& of) const;

  std::vector<std::string> told_{}; ///< by that node
};

/// At the node where the circuit begins, which asks for it itself.
way_plan plan_origin(definition_ptr self, const open& request);

/// At a node that `peer` asks. Fails as `authorise`; what the rules refuse later on is in `ways`.
outcome<way_plan> plan_asked(definition_ptr self, const std::string& peer, role peer_role,
                             const open& request);

/// What a server does once nobody could be had over whom it relays.
struct way_rest {
  open request; ///< in place of what it was told
  way_plan plan;
};
/// Names that were told together part here, if one has another hop than those that all have. Where the point
/// of a broadcast can't be had, the sender's home server asks for the receivers itself. Nothing: there is no
/// such way on.
std::optional<way_rest> plan_rest(const way_plan& failed, const open& request);

} // namespace hublink
