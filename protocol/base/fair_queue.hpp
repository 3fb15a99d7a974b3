#pragma once
/// What waits, in turn for those who wait: nobody goes a second time before all others that wait have gone,
/// whatever each has queued. Pure; all in O(log n).
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace hublink {

template <class T>
class fair_queue {
 public:
  /// Its number, which is never used again.
  std::uint64_t put(const std::string& holder, T what) {
    auto& line = lines_[holder];
    if (line.waiting.empty()) line_up(holder, line);
    line.waiting.emplace(++last_, std::move(what));
    ++size_;
    return last_;
  }
  /// The oldest one of who has waited longest for a turn; nothing if nobody waits.
  std::optional<T> take() {
    return take_if([](const std::string&) { return true; });
  }
  /// The same among those for whom `may(holder)` is true.
  template <class May>
  std::optional<T> take_if(May may) {
    auto turn = turns_.begin();
    while (turn != turns_.end() && !may(turn->second)) ++turn;
    if (turn == turns_.end()) return {};
    auto line = lines_.find(turn->second);
    turns_.erase(turn);
    auto next = std::move(line->second.waiting.begin()->second);
    line->second.waiting.erase(line->second.waiting.begin());
    --size_;
    if (line->second.waiting.empty())
      lines_.erase(line);
    else
      line_up(line->first, line->second);
    return next;
  }
  /// It waits no more; nothing if it has had its turn.
  void erase(const std::string& holder, std::uint64_t number) {
    auto line = lines_.find(holder);
    if (line == lines_.end() || line->second.waiting.erase(number) == 0) return;
    --size_;
    if (!line->second.waiting.empty()) return;
    turns_.erase(line->second.turn);
    lines_.erase(line);
  }
  std::size_t size() const { return size_; }
  std::size_t of(const std::string& holder) const {
    auto line = lines_.find(holder);
    return line == lines_.end() ? 0 : line->second.waiting.size();
  }

 private:
  struct waiting_line {
    std::uint64_t turn = 0;
    std::map<std::uint64_t, T> waiting; ///< by number: oldest first
  };

  void line_up(const std::string& holder, waiting_line& line) {
    line.turn = ++last_;
    turns_.emplace(line.turn, holder);
  }

  std::map<std::string, waiting_line> lines_; ///< none is empty
  std::map<std::uint64_t, std::string> turns_;
  std::uint64_t last_ = 0;
  std::size_t size_ = 0;
};

} // namespace hublink
