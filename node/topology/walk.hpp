#pragma once
/// How a circuit would be made, hop by hop, by the definitions alone: what `plan` shows. Pure; the rules are
/// those of the nodes.
#include "actors/routing/next_hop.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace hublink {

/// One node's part: whom it asks, why, and what it tells.
struct walk_step {
  std::string node;
  next_hop chosen;                     ///< the first alternative
  std::vector<std::string> fallback;   ///< the other hops that it would try
  std::optional<dial_address> dialled; ///< a name: only a look-up tells where
  open request;                        ///< what the hop is told
};

struct walk_result {
  std::vector<walk_step> steps;     ///< in order; a broadcast's branches one after the other
  std::vector<std::string> arrived; ///< nodes where the circuit ends
  std::vector<failure> failures;    ///< of single branches; `hop` is the node that refuses
};

/// The address that a node's system resolver would give for a name.
using system_resolver = std::function<std::optional<ip_address>(const std::string& host)>;

/// A node's definition; null: there is none.
using definition_source = std::function<definition_ptr(const std::string& node)>;

/// Follows `start` from the node `origin`, which asks for it itself. Each node on the way is asked for once
/// or more often.
walk_result walk(const definition_source& nodes, const std::string& origin, const open& start,
                 const system_resolver& resolver);
walk_result walk(const std::map<std::string, definition>& nodes, const std::string& origin, const open& start,
                 const system_resolver& resolver);

/// What the sender of a file begins with. Nothing if that node does not send it.
std::optional<open> first_open(const definition& sender, const std::string& file);

} // namespace hublink
