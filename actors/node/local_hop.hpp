#pragma once
/// What a neighbour can reach of this node: checks who may ask what, then starts the actor that serves it and
/// holds it.
#include "actors/base/answer_promise.hpp"
#include "actors/base/current_work.hpp"
#include "actors/base/peer_share.hpp"
#include "actors/circuit/active_opens.hpp"
#include "actors/circuit/circuit_interface.hpp"
#include "actors/circuit/far_side.hpp"
#include "actors/node/node_interface.hpp"
#include "actors/node/refused_opens.hpp"
#include "actors/ports/environment.hpp"

#include <map>
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
    active_opens::claim active; ///< none once the peer does not want it any more
    std::string holder;         ///< for whose share it counts
    current_work::piece work;   ///< null: nobody waits for its end before the node ends
  };
  struct waiting_open {
    arrived_open arrived;
    answer_promise<opened> reply;
    bool locating = true; ///< where its asker is dialled back is not known yet
  };

  caf::result<opened> take(const open& request);
  /// Why it is no good, whoever asks for it.
  std::optional<failure> unfit(const open& request) const;
  /// Serves it by that circuit, which may be refused further on.
  caf::result<opened> pass_on(const circuit_actor& circuit, arrived_open arrived);
  using opened_reply = std::shared_ptr<answer_promise<opened>>;
  /// The same; `quiet`: what becomes of it is counted, not written down.
  void await(const circuit_actor& circuit, arrived_open arrived, opened_reply reply, bool quiet);
  /// The circuit that serves it from here on in place of `failed`, if it still holds that one.
  std::optional<circuit_actor> replace(const circuit_actor& failed, const arrived_open& arrived);
  void note_refusal(const open& request, const failure& why, bool quiet);
  /// Written down as it was told, or counted.
  caf::result<opened> refuse(const open& request, failure why);
  /// For whose share it counts; empty: the peer's own.
  std::string asker_of(const open& request) const;
  void plan_sum();
  void sum_up_refusals(bool all);
  caf::result<opened> serve(arrived_open arrived);
  caf::result<opened> wait(arrived_open arrived);
  /// Where the peer is dialled back for what waits under that key.
  void locate_asker(const open& request);
  void serve_waiting();
  /// By the definition in force: may the peer not have that any more?
  std::optional<failure> ended_right(const held_circuit& held) const;
  void note_ended_rights();
  void close_ended_rights();
  outcome<circuit_actor> admit(arrived_open& arrived);
  /// Null: a node that is drained does not wait for its end. Fails with `busy` in such a node.
  outcome<current_work::piece> begin_work(const arrived_open& arrived) const;
  /// The peer asks once more, with other names or in another search, for what it does not have any more. No
  /// circle: one that leads back to here over the peer is known there.
  void drop_replaced(const open& request);
  /// Its names may be asked for again; it goes on with nothing else.
  static void forget(held_circuit& unwanted);
  outcome<circuit_actor> spawn_circuit(const arrived_open& arrived);
  outcome<circuit_actor> spawn_end(const arrived_open& arrived);
  bool is_by_home(const open& request) const;
  /// `no`: why it is refused at once.
  void write_told(const open& request, std::optional<failure> no = {}) const;

  local_hop_actor::stateful_pointer<local_hop_state> self_;
  environment_ptr env_;
  std::string peer_;
  role peer_role_ = role::server;
  circuit_services services_;
  std::uint64_t share_ = 0; ///< a registered peer's, as other servers are told it
  peer_share room_;         ///< for circuits
  refused_opens refused_;
  bool sums_ = false; ///< will sum them up
  std::vector<held_circuit> circuits_;
  std::vector<waiting_open> waiting_; ///< for their asker's address
};

} // namespace hublink
