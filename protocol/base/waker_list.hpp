#pragma once
/// Who waits for something to change, in this process. Thread-safe.
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace hublink {

/// Held by who waits: dropped, it is called no more, but for a call that comes in the midst of that. Called
/// from any thread; it must only pass the news on, and keeps nobody alive.
using waker = std::shared_ptr<const std::function<void()>>;

inline waker make_waker(std::function<void()> call) {
  return std::make_shared<const std::function<void()>>(std::move(call));
}

class waker_list {
 public:
  /// Those who waited at one time. To be called when no lock is held: the news may end who is told, and
  /// whoever ends takes what he has off its lists.
  class roll {
   public:
    explicit roll(std::vector<waker> wakers) : wakers_(std::move(wakers)) {}
    void call() const {
      for (const auto& each : wakers_) (*each)();
    }

   private:
    std::vector<waker> wakers_;
  };

  [[nodiscard]] waker add(std::function<void()> call) {
    auto made = make_waker(std::move(call));
    add(made);
    return made;
  }
  void add(const waker& one) {
    std::lock_guard guard{lock_};
    std::erase_if(waiting_, [](const auto& each) { return each.expired(); });
    waiting_.push_back(one);
  }
  /// All that still wait; they stay.
  void wake_all() const { alive().call(); }
  /// The same, and they wait no more: each is called once.
  [[nodiscard]] roll take_all() {
    std::lock_guard guard{lock_};
    return alive(std::exchange(waiting_, {}));
  }

 private:
  using entries = std::vector<std::weak_ptr<const std::function<void()>>>;

  roll alive() const {
    std::lock_guard guard{lock_};
    return alive(waiting_);
  }
  static roll alive(const entries& of) {
    std::vector<waker> found;
    for (const auto& each : of)
      if (auto held = each.lock()) found.push_back(std::move(held));
    return roll{std::move(found)};
  }

  mutable std::mutex lock_;
  entries waiting_;
};

} // namespace hublink
