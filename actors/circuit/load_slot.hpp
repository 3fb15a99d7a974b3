#pragma once
/// A node takes part in loading lines once at a time, and what clients and managers ask for takes half of its
/// time at most: the lines are others', too. Thread-safe.
#include "protocol/base/errors.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace hublink {

class load_slot : public std::enable_shared_from_this<load_slot> {
 public:
  using clock = std::chrono::steady_clock;
  /// Beyond that a node has no part in it any more, whatever a peer does: so nobody holds its place for good.
  static constexpr std::chrono::minutes longest_way{15};
  static constexpr const char* too_long = "the load of the lines on the way did not end";

  /// The node takes part for as long as somebody holds it.
  class claim {
   public:
    claim(std::shared_ptr<load_slot> of, bool rests, clock::time_point began)
        : of_(std::move(of)), rests_(rests), began_(began) {}
    claim(const claim&) = delete;
    claim& operator=(const claim&) = delete;
    ~claim() { give_back(began_); }

    void give_back(clock::time_point now) {
      if (auto of = std::exchange(of_, {})) of->leave(rests_ ? now + (now - began_) : now);
    }

   private:
    std::shared_ptr<load_slot> of_;
    bool rests_;
    clock::time_point began_;
  };

  /// `by_registered`: a client or manager asks. Fails with `busy`.
  outcome<std::shared_ptr<claim>> take(const std::string& node, bool by_registered, clock::time_point now) {
    std::lock_guard guard{lock_};
    if (taken_) return failure{errc::busy, node, node + " takes part in a ping with --rate already"};
    if (by_registered && now < rests_until_) {
      auto left = std::chrono::ceil<std::chrono::seconds>(rests_until_ - now);
      return failure{errc::busy, node,
                     node + " takes part in the next ping with --rate of a client or manager in " +
                         std::to_string(left.count()) + " s"};
    }
    taken_ = true;
    return std::make_shared<claim>(shared_from_this(), by_registered, now);
  }

 private:
  void leave(clock::time_point rests_until) {
    std::lock_guard guard{lock_};
    taken_ = false;
    rests_until_ = std::max(rests_until_, rests_until);
  }

  std::mutex lock_;
  bool taken_ = false;
  clock::time_point rests_until_{};
};

} // namespace hublink
