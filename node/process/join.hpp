#pragma once
/// A node that has nothing but its keys: asks at an address for its definition, until there is one.
#include "node/trust/keys.hpp"
#include "protocol/base/dial_address.hpp"

#include <filesystem>
#include <functional>

namespace hublink {

struct join_options {
  std::string node;
  dial_address
      where; ///< its home server, a neighbour (for a server), or the manager (for that one's home server)
  node_keys keys;
  std::filesystem::path data;
  /// Hears why there is none yet; each reason once.
  std::function<void(const failure& why)> waits;
};

/// Stores the definition in `data` as an apply would. Fails with `cancelled` at SIGTERM or SIGINT, or with
/// what keeps the node from asking.
outcome<> join_network(const join_options& options);

} // namespace hublink
