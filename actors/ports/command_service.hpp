#pragma once
/// Who executes the commands of management sessions; implemented in node/.
#include "actors/base/failures.hpp"

namespace hublink {

class command_service {
 public:
  virtual ~command_service() = default;
  /// For a peer whose certificate was checked. Fails with `not_authorised`.
  virtual outcome<std::shared_ptr<command_session>> open(const std::string& peer, role peer_role,
                                                         const supervisor_actor& supervisor) = 0;
};

} // namespace hublink
