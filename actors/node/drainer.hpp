#pragma once
/// Lets a node end when nothing is under way in it any more.
#include "actors/base/answer_promise.hpp"
#include "actors/node/node_interface.hpp"
#include "actors/ports/environment.hpp"

#include <optional>
#include <vector>

namespace hublink {

/// States: idle, draining (looks when something has ended), over (the node stops). It takes nothing new from
/// the first order on; what is under way when the time is up goes on after the node's next start.
class drainer_state {
 public:
  using actor_type = drainer_actor;
  static inline const char* name = "drainer";

  explicit drainer_state(drainer_actor::stateful_pointer<drainer_state> self) : self_(self) {}
  drainer_actor::behavior_type start(environment_ptr env, supervisor_actor node, node_services with);

 private:
  caf::result<drain_report> drain(std::chrono::milliseconds longest);
  void start_draining();
  void look();
  void judge(std::size_t streams);
  void finish(std::size_t left);

  drainer_actor::stateful_pointer<drainer_state> self_;
  environment_ptr env_;
  supervisor_actor node_;
  node_services with_;
  std::optional<std::chrono::steady_clock::time_point> began_, until_;
  std::vector<answer_promise<drain_report>> askers_;
  std::optional<drain_report> over_;
};

} // namespace hublink
