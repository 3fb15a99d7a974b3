#pragma once
/// A broadcast point for one attempt of one transfer: takes the stream into the spool once, and has a branch
/// for each next hop, and another for whom that one does not reach (`receiver_ways`). What it holds outlives
/// it (`broadcast_table`), so that a later attempt goes on from there.
#include "actors/broadcast/branch.hpp"
#include "actors/broadcast/receiver_ways.hpp"
#include "actors/broadcast/spool_recorder.hpp"
#include "protocol/broadcast/broadcast_ends.hpp"

#include <map>
#include <set>

namespace hublink {

class broadcast_point_state {
 public:
  using actor_type = broadcast_point_actor;
  static inline const char* name = "broadcast_point";

  explicit broadcast_point_state(broadcast_point_actor::stateful_pointer<broadcast_point_state> self)
      : self_(self) {}
  ~broadcast_point_state(); ///< branches end with it
  broadcast_point_actor::behavior_type start(environment_ptr env, hop_services services,
                                             spool_journal_actor journal);

 private:
  opened begin(const arrived_open& arrived);
  void run();
  void decide(const question::offer& asked);
  void refuse(failure why);
  /// The offer, once it is its turn.
  void accept();
  void resume(const transfer_key& transfer);
  void ask_again(const std::vector<std::string>& names);
  void consult(const consulted& asked);
  void take_over(broadcast_table::entry of);
  void keep_offer();
  void keep_results();
  void listen_to_results();
  void give_up_old();
  std::vector<std::string> choose_turn(const std::vector<std::string>& names);
  bool is_below() const; ///< another point feeds this one, which closes when it has all
  bool is_useless_below() const;
  /// Asks for the addresses of these receivers' ways.
  void find_choices(const std::vector<std::string>& open_receivers);
  void find_choice(const way& wanted);
  void found(const std::string& host, outcome<std::vector<hop_choice>> ways);
  void start_branches();
  void start_branch(receiver_ways::course course);
  void end_branch(const receiver_ways::course_end& how);
  /// No way leads there from here, or none that is left.
  void give_up(const std::string& name, const failure& why);
  void give_up(const receiver_ways::failures& all);
  void pass_over();
  bool source_is_gone() const;
  void conclude(const ended& what);
  void down(const caf::down_msg& who);
  void stop(bool branches_too);
  void leave_if_over();

  broadcast_point_actor::stateful_pointer<broadcast_point_state> self_;
  environment_ptr env_;
  hop_services services_;
  spool_journal_actor journal_;
  /// An offer that was taken, and what it is of.
  struct welcome {
    question::offer asked;
    broadcast_table::entry entry;
    std::vector<transfer_key> replaced; ///< by it
  };

  open request_;
  std::vector<std::string> names_; ///< of the receivers, as it was opened
  way_plan plan_;                  ///< of what is being asked for now
  std::shared_ptr<spooling_place> place_ = std::make_shared<spooling_place>();
  std::optional<welcome> welcome_;            ///< until what was made for an earlier one has ended
  std::vector<caf::strong_actor_ptr> before_; ///< those that have not ended yet
  std::shared_ptr<broadcast> broadcast_;
  std::optional<spool_recorder> recorder_; ///< of it
  circuit_id circuit_ = 0;                 ///< from the sender's side; 0 once it is over
  bool stopping_ = false;
  bool resumed_ = false; ///< asked receivers once more, without the sender
  waker listens_;
  std::size_t missing_ways_ = 0;
  std::map<std::string, std::vector<hop_choice>> found_; ///< while some are missing
  receiver_ways::beginning search_;                      ///< of those
  receiver_ways ways_;
  receiver_ways::clock::time_point wake_at_{}; ///< for the next turn
  struct running_branch {
    branch_actor actor;
    std::uint64_t course = 0;
  };
  std::map<caf::actor_id, running_branch> branches_;
  active_opens::claim active_; ///< of the names that it was told
};

} // namespace hublink
