#pragma once
/// Writes down what is new of one broadcast at its point, so that it outlives the node's process.
#include "actors/broadcast/broadcast_interface.hpp"
#include "actors/broadcast/broadcast_table.hpp"
#include "actors/ports/environment.hpp"

#include <functional>

namespace hublink {

class spool_recorder {
 public:
  using done_handler = std::function<void(const outcome<>&)>;

  spool_recorder(broadcast_point_actor::pointer self, environment_ptr env, spool_journal_actor journal,
                 broadcast_table::entry of);

  /// The offer of a new attempt; durable before the file is touched: what the journal says is never more than
  /// the file has.
  void record_offer(done_handler done);
  /// What is safe in the file; then the spool and its readers know it.
  void record_synced();
  /// What receivers said, as far as it is new. One change at a time, with all that came meanwhile: there may
  /// be ten thousand receivers. `news`: there is some; `saved`: nothing is being written any more.
  void record_results(const std::function<void()>& news, std::function<void()> saved);
  bool is_recording_results() const { return recording_results_; }
  /// It is over for its sender too: nothing of it is kept.
  void forget();

 private:
  void save(spool_change change, done_handler done);

  broadcast_point_actor::pointer self_;
  environment_ptr env_;
  spool_journal_actor journal_;
  broadcast_table::entry of_;
  bool recording_results_ = false, forgotten_ = false;
};

} // namespace hublink
