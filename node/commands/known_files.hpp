#pragma once
/// The files that a node sends and receives, by the definition in force; at a logged-in manager those of all
/// clients, at their senders.
#include "node/commands/control_client.hpp"

#include <string>
#include <vector>

namespace hublink {

struct known_file {
  std::string file;
  bool sends = false; ///< else it is received
  std::string path;
  std::vector<std::string> others; ///< who gets it; of one that is received: who sends it
};

/// Sorted by file.
outcome<std::vector<known_file>> ask_known_files(const control_call& call);

} // namespace hublink
