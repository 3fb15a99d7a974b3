#pragma once
/// Freed memory stays with the process, for its next use. What was needed once, for a long listing, goes back
/// to the system by this.
#include <cstddef>

namespace hublink {

class heap_keeper {
 public:
  /// Gives back what is free, if that is some MiB more than could not go back last time.
  void give_back();

 private:
  std::size_t in_pieces_ = 0; ///< bytes that are resident and not in use, after the last time
};

} // namespace hublink
