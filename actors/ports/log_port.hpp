#pragma once
/// What an operator is told of a node's life, beside the event trace: `hublink.log`. spdlog in node/, a list
/// in the simulation.
#include "protocol/base/errors.hpp"

#include <string>

namespace hublink {

enum class log_level : std::uint8_t { info, warning, error };

struct log_entry {
  log_level level = log_level::info;
  std::string what;       ///< one line, without a full stop
  std::string peer{};     ///< the neighbour, if it is about one
  transfer_id transfer{}; ///< if it is about one
};

class log_port {
 public:
  virtual ~log_port() = default;
  /// Thread-safe, returns at once, never fails.
  virtual void write(const log_entry& entry) = 0;
};

/// The entry as one line: what, then the peer and the transfer where there are any.
inline std::string to_string(const log_entry& entry) {
  auto line = entry.what;
  if (!entry.peer.empty()) line += " [peer " + entry.peer + "]";
  if (!entry.transfer.empty()) line += " [transfer " + entry.transfer + "]";
  return line;
}

} // namespace hublink
