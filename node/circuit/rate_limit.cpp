#include "node/circuit/rate_limit.hpp"

#include <algorithm>

namespace hublink {

namespace {

constexpr std::chrono::milliseconds longest_burst{100};
constexpr std::uint64_t rounds_per_second = 50;
constexpr std::size_t least_turn = 1024; // below, headers would cost more than content

} // namespace

void rate_limit::change(std::uint64_t rate) {
  rate_ = rate;
  next_ = {};
}

std::size_t rate_limit::turn(std::size_t wanted, std::size_t sharers) const {
  if (rate_ == 0) return wanted;
  return std::min<std::uint64_t>(wanted,
                                 std::max<std::uint64_t>(least_turn, rate_ / rounds_per_second / sharers));
}

rate_limit::clock::time_point rate_limit::reserve(std::size_t bytes, clock::time_point now) {
  if (rate_ == 0) return now;
  auto start = std::max(next_, now - longest_burst);
  std::chrono::duration<double> takes{double(bytes) / double(rate_)};
  next_ = start + std::chrono::duration_cast<clock::duration>(takes);
  return start;
}

std::uint64_t shared_rate_limit::rate() const {
  std::lock_guard lock{mutex_};
  return limit_.rate();
}

void shared_rate_limit::change(std::uint64_t rate) {
  std::lock_guard lock{mutex_};
  limit_.change(rate);
}

std::size_t shared_rate_limit::turn(std::size_t wanted, std::size_t sharers) const {
  std::lock_guard lock{mutex_};
  return limit_.turn(wanted, sharers);
}

rate_limit::clock::time_point shared_rate_limit::reserve(std::size_t bytes,
                                                         rate_limit::clock::time_point now) {
  std::lock_guard lock{mutex_};
  return limit_.reserve(bytes, now);
}

std::size_t pacer::grant(std::size_t wanted, clock::time_point now) {
  if (!granted_) {
    auto bytes = own_.turn(wanted);
    if (shared_) bytes = shared_->turn(bytes, std::size_t(std::max(1L, shared_.use_count() - 1)));
    granted_ = bytes;
    due_ = own_.reserve(bytes, now);
    if (shared_) due_ = std::max(due_, shared_->reserve(bytes, now));
  }
  return due_ <= now ? std::min(wanted, *granted_) : 0;
}

void pacer::spent(std::size_t bytes) {
  if (!granted_) return;
  *granted_ -= std::min(bytes, *granted_);
  if (*granted_ == 0) granted_.reset();
}

std::uint64_t pacer::limit() const {
  const auto own = own_.rate(), shared = shared_ ? shared_->rate() : 0;
  return own == 0 || shared == 0 ? std::max(own, shared) : std::min(own, shared);
}

void pacer::change_own(std::uint64_t rate) {
  own_.change(rate);
  start_over();
}

} // namespace hublink
