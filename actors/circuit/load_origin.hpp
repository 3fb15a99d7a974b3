#pragma once
/// Loads the line to the next node of a way, and hears from there of the lines behind it.
#include "actors/base/answer_promise.hpp"
#include "actors/circuit/circuit_interface.hpp"
#include "actors/circuit/circuit_origin.hpp"
#include "actors/circuit/load_slot.hpp"

namespace hublink {

class load_origin_state {
 public:
  using actor_type = load_actor;
  static inline const char* name = "load_origin";

  explicit load_origin_state(load_actor::stateful_pointer<load_origin_state> self) : self_(self) {}
  /// `goes_on`: as the order will have it.
  load_actor::behavior_type start(environment_ptr env, hop_services services, bool goes_on);

 private:
  using origin = circuit_origin<load_actor, load_origin_state>;

  void load(const load_order& order);
  void carry(const outcome<origin::ready>& far);
  void conclude(const ended& what);
  void fail(failure why);
  void leave(const failure& why);

  load_actor::stateful_pointer<load_origin_state> self_;
  environment_ptr env_;
  std::optional<origin> origin_;
  std::shared_ptr<load_slot::claim> slot_; ///< null: who asked has it
  answer_promise<load_report> reply_;
  std::chrono::milliseconds time_{};
  load_report report_;
};

} // namespace hublink
