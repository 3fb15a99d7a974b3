#pragma once
/// For whom a server's store waits, and when they are asked again. No I/O; used by the spool keeper alone.
#include "actors/broadcast/broadcast_table.hpp"

#include <map>
#include <string>
#include <vector>

namespace hublink {

class store_rounds {
 public:
  explicit store_rounds(const broadcast_table& of) : of_(of) {}

  /// Whose receivers are to be asked now.
  std::vector<broadcast_table::entry> due(std::int64_t steady_ms);
  /// They are being asked: the pause before the next time grows.
  void note_asked(const broadcast& entry, std::int64_t steady_ms);
  /// Perhaps something waits for it.
  void note_neighbour(const std::string& name);
  /// What has that id is asked for as if for the first time. Empty: it waits for nobody.
  std::vector<broadcast_table::entry> release(const transfer_id& transfer);
  /// What is kept for receivers, oldest first.
  std::vector<stored_transfer> rows() const;

 private:
  struct tries {
    int count = 0;
    std::int64_t next_ms = 0;
    std::size_t waiting = 0; ///< receivers, before
  };

  void forget_if_somebody_is_back();
  bool has_turn(const broadcast& entry, std::int64_t steady_ms) const;

  const broadcast_table& of_;
  std::map<transfer_key, tries> tries_; ///< of what the store waits with
};

} // namespace hublink
