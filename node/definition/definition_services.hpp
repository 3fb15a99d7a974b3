#pragma once
/// What commands about definitions need of a node; belongs to the node's process, and is complete before the
/// first command comes.
#include "node/base/actor_slot.hpp"
#include "node/control/control_services.hpp"
#include "node/definition/applied_network.hpp"
#include "node/definition/definition_push.hpp"
#include "node/definition/known_newest.hpp"
#include "node/definition/renewal_actor.hpp"
#include "node/trust/enrolment_desk.hpp"
#include "node/trust/invitations.hpp"
#include "node/trust/own_certificate.hpp"
#include "node/trust/revocations.hpp"

namespace hublink {

struct definition_services {
  definition_keeper& keeper;
  known_newest& known;
  revocations& lists;
  live_identity id;
  std::shared_ptr<const trust> ca;
  std::function<trust::clock_time()> wall_clock;
  applied_network* applied = nullptr; ///< a manager's
  std::string list_file{};            ///< a manager's: where `keys revoke` puts the newest list
  std::string recipients_file{};      ///< a manager's `recipients.pem`; empty: certificates are not brought
  std::string topology_text{};        ///< of the file that a manager was started with; empty: none
  actor_slot push{};                  ///< a server's
  enrolment_desk* desk = nullptr;     ///< a server's
  invitations* invited = nullptr;     ///< a manager's
  const own_certificate* certificate = nullptr; ///< null: its end is not shown
  actor_slot renewal{};                         ///< an `own_renewal_actor`

  /// What an operator should look at, a line each; shown by `status`. Pure, from any thread.
  std::function<std::vector<std::string>()> warnings = [] { return std::vector<std::string>{}; };

  /// At a manager: its word of now on what is newest in that network, signed. It hears it itself, too.
  bytes give_word(const std::string& network);

  /// Keeps somebody alive for whom nobody waits, in place of who worked for that user before. Thread-safe.
  void employ(const std::string& user, control_actor somebody) {
    std::lock_guard guard{lock};
    std::swap(employed[user], somebody); // who is replaced ends behind the lock
  }
  /// Nobody is kept any more.
  void dismiss_all() {
    decltype(employed) ended;
    std::lock_guard guard{lock};
    employed.swap(ended);
  }

  std::mutex lock{};
  std::map<std::string, control_actor> employed{}; ///< by user
};

} // namespace hublink
