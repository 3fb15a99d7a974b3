#pragma once
/// A share (`fair_share`) that many actors take of. What one of them took goes back with it. Thread-safe.
#include "protocol/base/fair_share.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace hublink {

class share_pool {
 public:
  using amount = fair_share::amount;

  explicit share_pool(amount whole) : share_(whole) {}

  /// What one taker has of a holder's share, at first nothing.
  class portion {
   public:
    portion() = default;
    portion(std::shared_ptr<share_pool> of, std::string holder)
        : of_(std::move(of)), holder_(std::move(holder)) {}
    /// Of what is there already: whatever the rule says.
    portion(std::shared_ptr<share_pool> of, std::string holder, amount has)
        : portion(std::move(of), std::move(holder)) {
      if (!of_) return;
      std::lock_guard guard{of_->lock_};
      of_->share_.add(holder_, has);
      taken_ = has;
    }
    portion(portion&& other) noexcept
        : of_(std::move(other.of_)), holder_(std::move(other.holder_)),
          taken_(std::exchange(other.taken_, 0)) {}
    portion& operator=(portion&& other) noexcept {
      give_back(taken_);
      of_ = std::move(other.of_);
      holder_ = std::move(other.holder_);
      taken_ = std::exchange(other.taken_, 0);
      return *this;
    }
    ~portion() { give_back(taken_); }

    /// False: its holder may not have so much more.
    bool take(amount more) {
      if (!of_) return true; // of nothing that is shared
      std::lock_guard guard{of_->lock_};
      if (!of_->share_.take(holder_, more)) return false;
      taken_ += more;
      return true;
    }
    void give_back(amount less) {
      if (!of_ || less == 0) return;
      std::lock_guard guard{of_->lock_};
      of_->share_.give_back(holder_, less);
      taken_ -= less;
    }

    explicit operator bool() const { return taken_ > 0; }

   private:
    std::shared_ptr<share_pool> of_;
    std::string holder_;
    amount taken_ = 0;
  };

  /// 0 to 100.
  unsigned percent_taken() const {
    std::lock_guard guard{lock_};
    return share_.whole() == 0 ? 0 : static_cast<unsigned>(share_.taken() * 100 / share_.whole());
  }

 private:
  mutable std::mutex lock_;
  fair_share share_;
};

} // namespace hublink
