#pragma once
/// Runs a dispatcher's senders, as many at once as the node's limit allows; who comes next say the
/// `receiver_lanes`. Of the dispatcher's thread.
#include "actors/base/current_work.hpp"
#include "actors/circuit/far_side.hpp"
#include "actors/transfer/receiver_lanes.hpp"
#include "actors/transfer/transfer_interface.hpp"

#include <functional>
#include <map>
#include <optional>

namespace hublink {

class send_runner {
 public:
  /// The dispatcher's record of what waits or runs, as last told.
  using book = std::function<transfer_record&(const transfer_id&)>;

  send_runner(dispatcher_actor::pointer self, environment_ptr env, hop_services hops,
              transfer_journal_actor journal, job_keeper_actor jobs, book records);
  ~send_runner(); ///< senders end with it

  /// It waits from now on, unless it does or runs.
  void add(const transfer_record& record);
  void remove(const transfer_id& transfer);
  void start_next();
  /// The pause before the next probe is over.
  void probe();
  /// The way to that transfer's receiver may be up again; or all ways.
  void wake(const transfer_record& record);
  void wake_all();
  /// What stood in the way of that transfer's last attempt may be gone.
  void wake_for(const transfer_id& transfer);
  /// Starts none (true), or goes on.
  void hold(bool on);
  bool is_held() const { return held_; }

  bool is_running(const transfer_id& transfer) const { return running_.count(transfer) > 0; }
  /// Bytes of it move.
  void show_life(const transfer_id& transfer);
  /// None of its content moves any more, or it does again.
  void rest(const transfer_id& transfer, bool rests);
  /// False: it does not run.
  bool cancel(const transfer_id& transfer);
  bool limit(const transfer_id& transfer, std::uint64_t rate);

  struct ended {
    transfer_id transfer;
    bool cancelled = false; ///< its sender was asked to
    bool alive = false;     ///< bytes moved
    bool gave_up = false;   ///< it made no attempt
  };
  /// Whose sender that was; nothing: nobody's.
  std::optional<ended> take_ended(const caf::down_msg& down);
  /// With its record as it is now. `goes_on`: it makes another attempt. True: it waits already, for its
  /// receiver's next probe, with all others to it.
  bool leave(const ended& ran, const transfer_record& record, bool goes_on);

 private:
  struct running_send {
    sender_actor sender{};
    int priority = 0;
    bool suspending = false;
    bool cancelling = false;
    bool alive = false;
    bool gives_up = false;
    current_work::piece work{};
  };

  transfer_policy policy_of(const std::string& file) const;
  waiting_send place_of(const transfer_record& record) const;
  void start(const transfer_id& transfer);
  const sender_actor& begin(const transfer_id& transfer, running_send how);
  void give_up(const std::vector<transfer_id>& ended, const failure& last);
  void make_way_for(const transfer_record& waiting);
  void wait_for_probe();
  std::size_t taken_places() const { return running_.size() - lanes_.resting(); }
  receiver_lanes::time now() const;

  dispatcher_actor::pointer self_;
  environment_ptr env_;
  hop_services hops_;
  transfer_journal_actor journal_;
  job_keeper_actor jobs_;
  book records_;
  receiver_lanes lanes_;
  std::optional<receiver_lanes::time> probe_at_; ///< that is waited for
  bool held_ = false;
  std::map<transfer_id, running_send> running_;
};

} // namespace hublink
