#pragma once
/// One branch of a broadcast: the circuit to a receiver, or to the next broadcast point, fed from the spool;
/// made again when it breaks, as long as that makes sense.
#include "actors/broadcast/broadcast_interface.hpp"
#include "actors/broadcast/broadcast_table.hpp"
#include "actors/circuit/circuit_origin.hpp"

namespace hublink {

struct branch_order {
  open request; ///< as the broadcast point was
  std::vector<hop_choice> ways;
  std::shared_ptr<broadcast> from;
  bool resumes = false; ///< the node was restarted: there may be something left of an earlier circuit
};

class branch_state {
 public:
  using actor_type = branch_actor;
  static inline const char* name = "branch";

  explicit branch_state(branch_actor::stateful_pointer<branch_state> self) : self_(self) {}
  branch_actor::behavior_type start(environment_ptr env, hop_services services, branch_order order);

 private:
  using origin = circuit_origin<branch_actor, branch_state>;

  void make_circuit();
  void run(const origin::ready& far);
  void conclude(const ended& what);
  void settle(failure why);
  void fetch_again();
  void stop();
  bool all_settled() const;

  branch_actor::stateful_pointer<branch_state> self_;
  environment_ptr env_;
  branch_order order_;
  std::vector<std::string> hosts_;
  std::optional<origin> origin_;
  bool begun_ = false;      ///< its circuit stood once
  std::uint32_t round_ = 0; ///< of the search for a way
  bool stopped_ = false;
  std::uint64_t best_ = 0;  ///< bytes of content that it was fed, at most
  int broken_in_a_row_ = 0; ///< tries that brought nothing
};

} // namespace hublink
