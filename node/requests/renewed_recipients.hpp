#pragma once
/// At a manager that signs: who seals for a node gets that node's newer certificate by the next definitions,
/// so what was applied is applied once more. docs/internals/trust.md, "Renewal"
#include "node/control/control_services.hpp"
#include "node/definition/definition_services.hpp"

namespace hublink {

/// One thread: that of the actor who owns it.
class renewed_recipients {
 public:
  using clock_time = std::chrono::steady_clock::time_point;

  /// What was signed before this node was started anew may not have been brought: that waits as well.
  renewed_recipients(caf::actor_system& system, control_services services);

  /// That node has this certificate now, PEM.
  void note(const std::string& node, const std::string& certificate);
  /// When this manager has a newer one itself, what it signed is signed anew: kept for who is away, it counts
  /// only as long as its signature.
  void look_at_own_certificate();
  bool signs_anew() const { return signs_anew_; }
  /// By the sessions of who is in, for several nodes at once. What can't be written waits for the next time.
  void bring(const std::vector<session_row>& rows, clock_time now);

 private:
  void catch_up();
  std::shared_ptr<const applied_network::state> newest_applied() const;

  caf::actor_system& system_;
  control_services services_;
  certificate_map renewed_; ///< that are not with who seals for them yet
  bytes own_certificate_;   ///< DER; that of the last look
  bool signs_anew_ = false;
  std::optional<clock_time> brought_;
};

} // namespace hublink
