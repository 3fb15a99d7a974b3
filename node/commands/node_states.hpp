#pragma once
/// What became of each node when something was brought to all of them.
#include <nlohmann/json_fwd.hpp>

namespace hublink {

/// The rows of `apply` and of `revoke`: node, state, and its list or the reason why it lacks it.
void print_node_states(const nlohmann::ordered_json& rows);

} // namespace hublink
