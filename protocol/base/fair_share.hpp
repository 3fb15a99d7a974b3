#pragma once
/// How much of something each of many holders may have: one rule for all that peers can take of a node. Pure;
/// a look-up in a hash map for each question. docs/internals/security.md, "Shares".
#include <cstdint>
#include <string>
#include <unordered_map>

namespace hublink {

class fair_share {
 public:
  using amount = std::uint64_t;

  /// `times_left`: three lets who is alone have 70 %, fifteen 88 %.
  explicit fair_share(amount whole, amount times_left = 3) : whole_(whole), times_left_(times_left) {}

  /// May `holder` have `more`, if it gave `less` of its own back? Whoever has little (`least`) gets it while
  /// there is any. Others may have so many times what then stays free, beyond the sixteenth that is kept for
  /// the former: most for who is alone, less for each the more there are, and never nothing for a new one.
  bool may_take(const std::string& holder, amount more, amount less = 0) const {
    const auto free = whole_ - taken_ + less;
    if (more > free) return false;
    const auto wanted = of(holder) - less + more;
    if (wanted <= least()) return true;
    const auto left = free - more;
    return left >= kept() && wanted <= times_left_ * (left - kept());
  }
  /// False: it may not, and nothing is changed.
  bool take(const std::string& holder, amount more) {
    if (!may_take(holder, more)) return false;
    add(holder, more);
    return true;
  }
  /// Whatever the rule says: of what is there already.
  void add(const std::string& holder, amount more) {
    more = more < whole_ - taken_ ? more : whole_ - taken_;
    if (more == 0) return;
    by_holder_[holder] += more;
    taken_ += more;
  }
  void give_back(const std::string& holder, amount less) {
    auto found = by_holder_.find(holder);
    if (found == by_holder_.end()) return;
    less = less < found->second ? less : found->second;
    taken_ -= less;
    if ((found->second -= less) == 0) by_holder_.erase(found);
  }

  amount whole() const { return whole_; }
  /// Never below what is taken.
  void resize(amount whole) { whole_ = whole > taken_ ? whole : taken_; }
  amount taken() const { return taken_; }
  amount of(const std::string& holder) const {
    auto found = by_holder_.find(holder);
    return found == by_holder_.end() ? 0 : found->second;
  }
  /// What everybody may have as long as there is any.
  amount least() const { return whole_ / 256 > 1 ? whole_ / 256 : 1; }

 private:
  /// For sixteen of those who have no more than the least.
  amount kept() const { return whole_ / 16; }

  amount whole_, times_left_, taken_ = 0;
  std::unordered_map<std::string, amount> by_holder_; ///< none with nothing
};

} // namespace hublink
