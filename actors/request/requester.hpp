#pragma once
/// The origin of a request connection: asks the source for a file, and where somebody waits for it, follows
/// the transfer to its end. The source knows how it ends, this node whether it is done: so it listens here,
/// and asks there again from time to time, under the same id.
#include "actors/base/answer_promise.hpp"
#include "actors/base/current_work.hpp"
#include "actors/circuit/circuit_origin.hpp"
#include "actors/transfer/transfer_interface.hpp"

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::request_order)

namespace hublink {

/// A request connection's origin.
using requester_actor = circuit_owner::extend<
    // Asks the source; the transfer as the source knows it. The watcher is told until that has ended.
    caf::replies_to<request_atom, request_order, watcher_actor>::with<transfer_record>,
    // This node's part of the transfer.
    caf::reacts_to<transfer_record>,
    // Asks again, under the same id.
    caf::reacts_to<resume_atom>>;

class requester_state {
 public:
  using actor_type = requester_actor;
  static inline const char* name = "requester";

  explicit requester_state(requester_actor::stateful_pointer<requester_state> self) : self_(self) {}
  ~requester_state();
  requester_actor::behavior_type start(environment_ptr env, hop_services services);

 private:
  using origin = circuit_origin<requester_actor, requester_state>;

  void ask();
  void run(const origin::ready& far);
  void take_answer(const consulted& asked);
  void conclude(const outcome<>& result);
  void ask_later(std::chrono::milliseconds pause);
  void follow();
  void hear(const transfer_record& here);
  void tell_and_end(const transfer_record& last);
  void leave();

  requester_actor::stateful_pointer<requester_state> self_;
  environment_ptr env_;
  std::optional<origin> origin_;
  request_order order_;
  receive_definition definition_;
  answer_promise<transfer_record> reply_;
  caf::weak_actor_ptr watcher_;
  transfer_id request_;
  transfer_record record_; ///< as the source said last; `transfer` is empty before
  std::string open_id_;
  std::uint32_t attempt_ = 0;
  bool stood_ = false;                    ///< one of its circuits did
  bool asking_ = false, waiting_ = false; ///< a circuit is in use; the next question has its time
  bool leaving_ = false;                  ///< everything is told
  std::chrono::milliseconds pause_;
  current_work::piece work_; ///< while a circuit is in use
};

} // namespace hublink
