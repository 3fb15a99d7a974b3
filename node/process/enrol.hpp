#pragma once
/// A node that has nothing but a code: makes its key, and asks at an address for its certificate until it has
/// it. The key never leaves its folder.
#include "protocol/base/dial_address.hpp"
#include "protocol/trust/invitation_code.hpp"

#include <filesystem>
#include <functional>

namespace hublink {

struct enrol_options {
  std::string node;
  dial_address where; ///< its home server, or for a server a neighbour
  invitation_code code;
  std::filesystem::path keys; ///< the node's folder; made where it is missing
  /// Hears why there is none yet; each reason once.
  std::function<void(const failure& why)> waits;
};

/// Has that folder a certificate already?
bool is_enrolled(const std::filesystem::path& keys);

/// Afterwards the folder has all that `hublink keys` would have put there. A crash before that loses nothing:
/// the same key asks again, with the same code. Fails as the manager refuses, or if what came is not of the
/// network that the code is for.
outcome<> enrol_node(const enrol_options& options);

/// The key of a node's folder, made there if it is missing.
outcome<secret> own_key(const std::filesystem::path& keys);

} // namespace hublink
