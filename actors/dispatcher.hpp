#pragma once
/// Journals sends and runs as many senders as the node's limit allows, in the order in which they came.
#include "actors/actors.hpp"
#include "actors/answer.hpp"
#include "actors/far_leg.hpp"

#include <deque>
#include <map>

namespace hublink {

class dispatcher_state {
 public:
  static inline const char* name = "dispatcher";

  explicit dispatcher_state(dispatcher_actor::stateful_pointer<dispatcher_state> self) : self_(self) {}
  ~dispatcher_state(); ///< children end with it
  dispatcher_actor::behavior_type start(environment_ptr env, leg_services leg, journal_actor journal);

 private:
  struct watched {
    transfer_record record; ///< as last told
    std::vector<caf::weak_actor_ptr> watchers;
  };

  void take_up_unfinished();
  outcome<transfer_record> prepare(const std::string& file) const;
  void enqueue(transfer_record record);
  void start_next();
  void changed(const transfer_record& record);
  bool watch(const transfer_id& transfer, const watcher_actor& watcher);
  void sender_ended(const caf::down_msg& down);

  dispatcher_actor::stateful_pointer<dispatcher_state> self_;
  environment_ptr env_;
  leg_services leg_;
  journal_actor journal_;
  std::deque<transfer_id> queue_;
  std::map<transfer_id, sender_actor> running_;
  std::map<transfer_id, watched> active_; ///< queued and running
};

dispatcher_actor spawn_dispatcher(caf::actor_system& system, environment_ptr env, leg_services leg,
                                  journal_actor journal);

} // namespace hublink
