#pragma once
/// What a neighbour can reach of this node: checks who may ask what, then starts the actor that serves it and
/// holds it.
#include "actors/base/answer_promise.hpp"
#include "actors/circuit/active_opens.hpp"
#include "actors/circuit/circuit_interface.hpp"
#include "actors/circuit/far_side.hpp"
#include "actors/node/node_interface.hpp"
#include "actors/ports/environment.hpp"

#include <vector>

namespace hublink {

/// What the circuits of this node work with.
struct circuit_services {
  hop_services hops;
  journal_actor journal;
  job_keeper_actor jobs;
  std::optional<dispatcher_actor> dispatcher; ///< clients
};

class local_hop_state {
 public:
  using actor_type = local_hop_actor;
  static inline const char* name = "local_hop";

  explicit local_hop_state(local_hop_actor::stateful_pointer<local_hop_state> self) : self_(self) {}
  ~local_hop_state(); ///< children end with it
  local_hop_actor::behavior_type start(environment_ptr env, std::string peer, role peer_role,
                                       circuit_services services);

 private:
  struct held_circuit {
    open_key key; ///< as in `request`
    open request; ///< as the peer asked
    circuit_actor actor;
    active_opens::claim active;
    transfer_id one_attempt_of{}; ///< of a kind that has one attempt at a time
  };
  struct waiting_open {
    arrived_open arrived;
    answer_promise<opened> reply;
    bool locating = false; ///< where its asker is dialled back is not known yet
  };

  /// An earlier attempt still lives: told to end, and the new one waits for that.
  bool overtakes(const open& request);
  caf::result<opened> serve(arrived_open arrived);
  caf::result<opened> wait(arrived_open arrived);
  /// Where the peer is dialled back for what waits under that key.
  void locate_asker(const open& request);
  void serve_waiting();
  /// By the definition in force: may the peer not have that any more?
  std::optional<failure> ended_right(const held_circuit& held) const;
  void note_ended_rights();
  void close_ended_rights();
  outcome<circuit_actor> admit(const arrived_open& arrived);
  outcome<circuit_actor> spawn_circuit(const arrived_open& arrived);
  outcome<circuit_actor> spawn_end(const arrived_open& arrived);
  void write_told(const open& request) const;

  local_hop_actor::stateful_pointer<local_hop_state> self_;
  environment_ptr env_;
  std::string peer_;
  role peer_role_ = role::server;
  circuit_services services_;
  std::vector<held_circuit> circuits_;
  std::vector<waiting_open> waiting_; ///< for an earlier attempt's end, or for their asker's address
};

} // namespace hublink
