#pragma once
/// Journals sends, lets its `send_runner` run them, and knows of each what it came to.
#include "actors/base/answer_promise.hpp"
#include "actors/circuit/far_side.hpp"
#include "actors/transfer/requested_sends.hpp"
#include "actors/transfer/send_runner.hpp"
#include "actors/transfer/transfer_interface.hpp"

#include <functional>
#include <map>
#include <set>

namespace hublink {

class dispatcher_state : private send_queueing {
 public:
  using actor_type = dispatcher_actor;
  static inline const char* name = "dispatcher";

  explicit dispatcher_state(dispatcher_actor::stateful_pointer<dispatcher_state> self) : self_(self) {}
  dispatcher_actor::behavior_type start(environment_ptr env, hop_services hops,
                                        transfer_journal_actor journal, job_keeper_actor jobs);

 private:
  struct watched {
    transfer_record record; ///< as last told
    std::vector<caf::weak_actor_ptr> watchers;
    bool telling = false; ///< them, in a moment
  };

  using reply_of_record = answer;
  using records = std::vector<transfer_record>;
  using journaled_handler = std::function<void(const records& found, const reply_of_record& answer)>;

  void recover();
  void take_up_unfinished();
  caf::result<bool> hold(bool on);
  const transfer_record* find_active(const transfer_id& transfer) const override;
  void prepare(const std::string& file, std::function<void(outcome<transfer_record>)> then) override;
  outcome<transfer_record> prepared(const std::string& file, const std::optional<outcome<file_facts>>& facts);
  void enqueue(transfer_record record) override;
  void wait_for_disk(const transfer_id& transfer, const std::string& path);
  void take_up(const transfer_record& record, answer to) override;
  void hasten(const transfer_id& transfer) override;
  caf::result<transfer_record> cancel(const transfer_id& transfer);
  caf::result<transfer_record> cancel_stored(const transfer_id& transfer);
  caf::result<transfer_record> retry(const transfer_id& transfer);
  /// Answered by `then`, which gets what the journal has of it.
  caf::result<transfer_record> with_journaled(const transfer_id& transfer, journaled_handler then);
  void changed(const transfer_record& record);
  void changed(const receiver_changes& what);
  void tell_watchers(watched& of);
  bool watch(const transfer_id& transfer, const watcher_actor& watcher);
  bool limit(const transfer_id& transfer, std::uint64_t rate);
  void sender_ended(const caf::down_msg& down);
  void cancel_late(const transfer_record& spooled);

  dispatcher_actor::stateful_pointer<dispatcher_state> self_;
  environment_ptr env_;
  transfer_journal_actor journal_;
  job_keeper_actor jobs_;
  std::optional<send_runner> runner_;
  std::optional<requested_sends> requests_;
  disk_desk disks_;
  std::set<transfer_id> unseen_;          ///< whose disk has not answered
  std::map<transfer_id, watched> active_; ///< queued and running
};

} // namespace hublink
