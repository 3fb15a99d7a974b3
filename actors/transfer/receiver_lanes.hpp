#pragma once
/// Sends that wait for their turn: every receiver has a lane, so that one receiver's trouble is its own. Each
/// step costs the same however many wait in a lane. Pure; times are the steady clock's.
///
/// - Priority first. Among equals the lane with the fewest under way, then what was never tried, then the
/// oldest.
/// - Of one file ID one at a time, the oldest first.
/// - A lane from which nothing was heard yet has one under way, until that one shows life.
/// - A lane **in doubt**, whose last attempt failed on the way, has one under way, too: its probe, when it is
///   due. It counts for all that wait: each ends after as many failures as it outlasts.
/// - What is under way without having shown life takes half of the places at most, one lane three quarters.
/// - What **rests**, because a disk does not answer, takes no place; three times as many as there are may.
#include "protocol/base/bytes.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace hublink {

struct waiting_send {
  transfer_id transfer; ///< ids sort by age
  std::string file;
  std::string lane; ///< its receiver
  int priority = 0;
  bool tried = false;                 ///< an attempt of its own failed
  std::chrono::milliseconds pause{0}; ///< between two failures that count
  int outlasts = 0;                   ///< so many failures; the next one ends it
};

class receiver_lanes {
 public:
  using time = std::chrono::steady_clock::time_point;

  enum class how_it_ended : std::uint8_t {
    well,      ///< the receiver was heard
    otherwise, ///< says nothing of the way
    on_the_way ///< and no byte moved: its lane is in doubt
  };

  /// For all of them. At least one.
  void set_places(std::size_t places);

  /// One that does not wait, and is not under way.
  void add(const waiting_send& send, time now);
  /// Nothing if it does not wait.
  void remove(const transfer_id& transfer);

  /// Who may start next; nothing: nobody may now.
  std::optional<transfer_id> next(time now);
  /// Who would be next if there were room for everybody: of lanes that are not in doubt.
  std::optional<transfer_id> best_waiting() const;
  /// It waits, and is under way from now on. Returns how many failures of its lane counted for it meanwhile.
  int start(const transfer_id& transfer, time now);
  /// What is under way moves bytes. True: its lane was not heard before, others of it may start now.
  bool show_life(const transfer_id& transfer);
  /// What is under way rests, or goes on. False: nothing changed.
  bool rest(const transfer_id& transfer, bool rests);
  std::size_t resting() const { return resting_; }
  /// What was under way has ended; `again`: it waits for the lane's next probe, if the lane is in doubt now.
  /// Returns those of the lane that end with it: they outlast no more.
  std::vector<transfer_id> end(const transfer_id& transfer, how_it_ended how, time now,
                               const std::optional<waiting_send>& again = {});
  bool is_waiting(const transfer_id& transfer) const { return members_.count(transfer) > 0; }

  /// When a lane in doubt may go on; nothing: none waits for that.
  std::optional<time> next_probe() const;
  /// The way of that lane may be up again: its probe is due, a moment after the last one.
  void wake(const std::string& lane, time now);
  void wake_all(time now);
  /// The same of the lane in which that one waits, is under way (then once it has failed), or failed last.
  void wake_for(const transfer_id& transfer, time now);

 private:
  using milliseconds = std::chrono::milliseconds;
  using place = std::tuple<int, bool, transfer_id>;                         ///< (−priority, tried, id)
  using lane_place = std::tuple<int, bool, std::size_t, bool, transfer_id>; ///< see `place_of`

  /// Those of a lane that have the same pause. Whoever was never tried, and saw no failure, has none.
  struct group {
    time due{};
    std::uint64_t failures = 0;
    /// Who ends at which failure; of those without a pause: who came at which step.
    std::set<std::pair<std::uint64_t, transfer_id>> ends;
    std::set<place> heads; ///< of file IDs that are free
  };

  struct member {
    waiting_send send;
    milliseconds pause{0}; ///< its group's
    std::uint64_t key = 0; ///< in the group's `ends`
    int counted = 0;       ///< failures that it saw before it came to this group
    std::uint64_t counted_from = 0;
  };

  enum class lane_state : std::uint8_t { unheard, heard, in_doubt };

  struct lane {
    lane_state state = lane_state::unheard;
    std::size_t under_way = 0, waiting = 0;
    std::size_t resting = 0; ///< beside those under way
    time last_failure{};
    transfer_id failed_last{}; ///< in `failed_`
    std::map<milliseconds, group> groups;
    std::optional<lane_place> ready; ///< in `certain_` or `uncertain_`
    std::optional<place> best;       ///< in `waiting_`
    std::optional<time> due;         ///< in `due_`
  };

  struct line { ///< of one file ID
    bool taken = false;
    std::set<transfer_id> waiting;
  };

  struct attempt {
    std::string lane, file;
    bool uncertain = false; ///< no life shown
    std::uint64_t step = 0;
    time began{};
    bool rests = false;
    bool wakes = false; ///< its lane, if it fails on the way
  };

  /// Keeps the head of a file's line in its group, and its lane in its place, while `work` changes either.
  template <class Work>
  void change_line(const std::string& file, time now, Work work);
  void join(member& who, milliseconds pause, time due);
  void leave(const member& who);
  std::vector<transfer_id> count_failure(lane& of, const attempt& failed, time now);
  void place_lane(const std::string& name, time now);
  static std::optional<place> best_of(const lane& of, time now);
  std::optional<lane_place> place_of(const lane& of, time now) const;
  void settle_life(attempt& of);
  void forget_if_empty(const std::string& name);

  std::map<std::string, lane> lanes_;
  std::map<std::string, line> lines_;
  std::map<transfer_id, member> members_;                 ///< that wait
  std::map<transfer_id, attempt> attempts_;               ///< under way
  std::map<transfer_id, std::string> failed_;             ///< the last failed probe of each lane in doubt
  std::map<lane_place, std::string> certain_, uncertain_; ///< lanes that may start one
  std::set<place> waiting_;                               ///< the best of each lane that is not in doubt
  std::set<std::pair<time, std::string>> due_;            ///< lanes in doubt
  std::size_t places_ = 1, uncertain_ones_ = 0, resting_ = 0;
  std::uint64_t steps_ = 0;
};

} // namespace hublink
