#include "node/commands/progress_rate.hpp"

namespace hublink {

void progress_rate::see(std::uint64_t bytes, clock::time_point now) {
  if (!seen_.empty() && bytes < seen_.back().bytes) seen_.clear();
  // The last one may be moved on, so that looking often costs no memory.
  if (seen_.size() >= 2 && now - seen_[seen_.size() - 2].when < window / 20)
    seen_.back() = {bytes, now};
  else
    seen_.push_back({bytes, now});
  while (seen_.size() > 2 && now - seen_[1].when >= window) seen_.pop_front();
}

std::optional<double> progress_rate::per_second() const {
  if (seen_.size() < 2) return {};
  const auto moved = seen_.back().bytes - seen_.front().bytes;
  const auto took = seen_.back().when - seen_.front().when;
  if (moved == 0 || took < least) return {};
  return double(moved) / std::chrono::duration<double>(took).count();
}

} // namespace hublink
