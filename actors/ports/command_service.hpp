#pragma once
/// Who executes the commands of management sessions; implemented in node/.
#include "actors/ports/data_plane.hpp"
#include "protocol/base/errors.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace hublink {

/// The user of one session, at the node that executes his commands. Thread-safe; its end ends what it does.
class command_session {
 public:
  /// Called from any thread, the last time with `last`.
  using reply = std::function<void(std::string line, bool last, std::optional<failure> why)>;

  virtual ~command_session() = default;
  virtual void serve(std::string line, reply to) = 0;
  /// May nobody say anything but log in yet?
  virtual bool logged_in() const = 0;
};

class command_service {
 public:
  virtual ~command_service() = default;
  /// Ends the session, from any thread: whom it serves may do nothing here any more.
  using dismissal = std::function<void(failure why)>;

  /// May that peer have a session here, by the definition in force? Fails with `not_authorised`. Thread-safe.
  virtual outcome<> admits(const std::string& peer, role peer_role) const = 0;
  /// For a peer whose certificate was checked and that is admitted. Fails with `not_authorised`. Thread-safe.
  virtual outcome<std::shared_ptr<command_session>> open(const link_up& peer, dismissal dismiss) = 0;
};

} // namespace hublink
