#pragma once
/// One circuit from a broadcast point onward, to a receiver or to the next broadcast point, fed from the
/// spool. What follows when it ends is the point's to say.
#include "actors/broadcast/broadcast_interface.hpp"
#include "actors/broadcast/broadcast_table.hpp"
#include "actors/circuit/circuit_origin.hpp"

namespace hublink {

struct branch_order {
  open request; ///< as the broadcast point was; with what this circuit may take
  receiver_ways::course course;
  std::shared_ptr<broadcast> from;
  caf::weak_actor_ptr point; ///< that hears how it ended
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
  void leave(failure why);
  void stop(const failure& why);
  void make_way();
  bool all_settled() const;

  branch_actor::stateful_pointer<branch_state> self_;
  environment_ptr env_;
  branch_order order_;
  std::vector<std::string> hosts_;
  std::optional<origin> origin_;
  bool stood_ = false, renews_ = false;
  std::uint64_t bytes_ = 0; ///< of content
};

} // namespace hublink
