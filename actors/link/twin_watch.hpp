#pragma once
/// Tells a neighbour that was restarted from a second process of its name, as a cloned machine has. Pure.
#include "actors/ports/data_plane.hpp"

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hublink {

/// A link of another process than those that are up: whether these live is being asked.
struct newcomer {
  link_up up;
  std::chrono::steady_clock::time_point since;
  std::vector<link_message> messages{}; ///< meanwhile
};

class twin_watch {
 public:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds patience{1};     ///< who shows no life for so long is gone
  static constexpr std::chrono::seconds remembered{120}; ///< after it was seen last

  static std::string notice(const std::string& peer);  ///< for this node's operator
  static std::string refusal(const std::string& peer); ///< for the later one's

  /// That one waits from now on. The one that waited before it is to be hung up.
  std::optional<link_id> hold(const link_up& up, clock::time_point now);
  bool holds(link_id id) const { return newcomer_ && newcomer_->up.id == id; }
  bool holds_somebody() const { return newcomer_.has_value(); }
  void keep(const link_message& message) { newcomer_->messages.push_back(message); }
  bool is_due(clock::time_point now) const { return newcomer_ && now - newcomer_->since >= patience; }
  std::optional<newcomer> take() { return std::exchange(newcomer_, {}); }

  /// A process has a link now. True: it had one before another process had one, so both live.
  bool note_link(std::uint64_t incarnation, clock::time_point now);
  /// One was refused, since the one before it lives.
  void note_refused(clock::time_point now) { seen_ = now; }
  /// There are two of that name, as far as is known.
  bool is_there(clock::time_point now) const { return seen_ && now - *seen_ < remembered; }

 private:
  std::optional<newcomer> newcomer_;
  std::deque<std::uint64_t> incarnations_; ///< that had links, the last one at the end
  std::optional<clock::time_point> seen_;
};

} // namespace hublink
