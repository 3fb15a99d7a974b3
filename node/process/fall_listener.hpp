#pragma once
/// What becomes of actors that fall: the operator is told of each one, and for the want of one without which
/// a node is none it ends, with why, so that whoever started it starts it again, whole. Every other one is
/// made anew by who needs it, or serves one task alone.
#include "actors/node/node_interface.hpp"

#include <mutex>
#include <optional>
#include <string>

namespace hublink {

/// One a process. Thread-safe.
class fall_listener {
 public:
  explicit fall_listener(supervisor_actor supervisor);
  ~fall_listener();
  fall_listener(const fall_listener&) = delete;

  /// Why the node had to end.
  std::optional<failure> lost() const;

 private:
  void take(const std::string& actor, const std::string& why);

  supervisor_actor supervisor_;
  mutable std::mutex lock_;
  std::optional<failure> lost_;
};

} // namespace hublink
