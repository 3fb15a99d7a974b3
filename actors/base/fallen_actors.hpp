#pragma once
/// Actors that ended because a handler of theirs threw: a mistake of this program. CAF ends such an actor in
/// silence, so each one is noted here, and the node tells its operator. Thread-safe, one for the process.
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace hublink {

class fallen_actors {
 public:
  struct fall {
    std::string reason; ///< of the last one
    std::uint64_t times = 0;
  };
  /// Called by the thread that the actor ran on.
  using listener = std::function<void(const std::string& actor, const std::string& reason)>;

  static fallen_actors& of_process();

  /// One at a time; none: nobody listens.
  void listen(listener who);
  /// What was thrown, as text.
  std::string note(const std::string& actor, const std::exception_ptr& thrown);
  std::map<std::string, fall> all() const;

 private:
  mutable std::mutex lock_;
  listener listener_;
  std::map<std::string, fall> falls_; ///< by the actor's name
};

} // namespace hublink
