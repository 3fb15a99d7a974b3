#pragma once
/// What became of a broadcast's receivers, as its point knows it: written by the ends that feed the branches
/// and by their owner, read by the end that tells the sender. Thread-safe.
#include "protocol/base/waker_list.hpp"
#include "protocol/broadcast/broadcast_records.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <set>

namespace hublink {

class receiver_board {
 public:
  /// `names`: all receivers of the broadcast here.
  explicit receiver_board(std::vector<std::string> names) : names_(names.begin(), names.end()) {}

  /// Receipts that prove nothing any more: their receivers have none from here on.
  void drop_receipts_unless(const std::function<bool(const branch_record& receipt)>& still_counts);
  /// A new attempt asks all again that have no receipt: those are returned.
  std::vector<std::string> begin_attempt();
  /// Those without a result: to be asked, by who goes on with the broadcast without its sender.
  std::vector<std::string> unsettled() const;
  /// A receiver's receipt, its refusal, or that it can't be had. False: not one of ours, or it has
  /// its result.
  bool say(branch_record record);
  /// A receiver's refusal, which another try may mend: it counts once that is given up. `why`: what it says.
  void keep_refusal(const std::string& name, bytes body, const failure& why);
  /// All was sent towards it, and its word did not come. Nobody else knows from then on whether it has
  /// published: in place of any failure that it does not sign there is `unconfirmed`, in later attempts, too.
  void doubt(const std::string& name);
  std::set<std::string> doubted() const;
  /// From now on a receiver that can't be had is waited for, unless it refuses under its signature: its
  /// result is `stored` until there is another. `where`: this node.
  void wait_for_unreachable(const std::string& where);
  /// Those whose result is `stored`.
  std::vector<std::string> waiting() const;
  /// They are asked once more.
  void ask_again(const std::vector<std::string>& names);
  bool is_receiver(const std::string& name) const { return names_.count(name) != 0; }
  /// It may still get the file.
  bool is_open(const std::string& name) const;
  /// No more tries: the refusal that was kept, or else `why`.
  void give_up(const std::string& name, const failure& why);
  /// No way leads to it from the point that was fed for it; perhaps one does from here.
  void pass_over(const std::string& name, failure why);
  /// Since the last call.
  std::map<std::string, failure> take_passed_over();
  /// There is time to lose, but all is well: the sender is told so.
  void give_sign();

  /// It has a receipt, or will not get one just now.
  bool is_settled(const std::string& name) const;
  bool all_settled() const; ///< something was said of each
  bool all_done() const;
  bool is_done(const std::string& name) const;
  /// What was said from the `from`th word on, in order, some at a time; `from` counts on.
  std::vector<branch_record> news(std::size_t& from) const;
  /// From now on a last word of the point itself waits until it is kept: one that starts anew would not know
  /// what it had said, and might serve whom it had given up.
  void tell_only_kept();
  /// What was said of these will be known to a point that starts anew.
  void keep(const std::vector<std::string>& names);
  /// As `news`: what the sender may be told.
  std::vector<branch_record> to_tell(std::size_t& told) const;
  std::size_t size() const; ///< of all that was said
  /// Receivers of whom something was said, and nothing more will be.
  std::size_t last_words() const;
  std::uint64_t signs() const;

  waker_list& tellers() { return tellers_; }

 private:
  bool take(branch_record& record);
  std::vector<branch_record> part(std::size_t& from, std::size_t end) const;

  const std::set<std::string> names_;
  mutable std::mutex lock_;
  std::vector<branch_record> said_;
  std::set<std::string> done_, failed_;
  std::set<std::string> stored_;  ///< whose last result is `stored`
  std::set<std::string> waiting_; ///< of those: who is not being asked
  std::string waits_at_;          ///< empty: for nobody
  std::set<std::string> doubted_;
  std::set<std::string> unkept_; ///< whose last word is the point's own
  bool tells_only_kept_ = false;
  std::map<std::string, bytes> refusals_;
  std::map<std::string, failure> passed_over_;
  std::uint64_t signs_ = 0;
  waker_list tellers_;
};

} // namespace hublink
