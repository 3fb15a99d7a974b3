#pragma once
/// The link inside a management circuit, as both of its ends use it: lines in parts, and a watch over its
/// life. Not thread-safe.
#include "actors/base/share_pool.hpp"
#include "actors/ports/environment.hpp"

#include <map>

namespace hublink {

/// A longer line is answered by a failure: less at a time can be asked for.
inline constexpr std::size_t longest_line = 3 << 20;
/// Of who has not shown yet that he may say anything: logging in takes less.
inline constexpr std::size_t longest_first_line = 8 << 10;

/// The number of a report that answers no command: the session is over, and why.
inline constexpr std::uint64_t end_of_session = 0;

class command_channel {
 public:
  using clock = std::chrono::steady_clock;

  /// `peer`: the other end's name.
  command_channel(environment& env, link_id link, const std::string& peer, clock::time_point now)
      : env_(&env), link_(link), heard_(now), asked_(now), room_(env.command_bytes, peer) {}

  link_id link() const { return link_; }
  void ask(std::uint64_t number, const std::string& line);
  void tell(std::uint64_t number, const std::string& line, bool last, const std::optional<failure>& why);

  /// The whole line, once its last part came. Fails with `bad_message` if all that have begun have more than
  /// `most` bytes together, with `busy` if the other end's share of this node's memory is used up.
  outcome<std::optional<std::string>> join(std::uint64_t number, const std::string& part, bool more,
                                           std::size_t most = longest_line);

  void heard(clock::time_point now) { heard_ = now; }
  void answer_beat(const beat& sign);
  /// Now and then: false if the other end has been silent for too long.
  bool is_alive(clock::time_point now);

 private:
  environment* env_;
  link_id link_;
  clock::time_point heard_, asked_;
  std::map<std::uint64_t, std::string> parts_; ///< of lines that are not whole
  std::size_t bytes_ = 0;                      ///< of these
  share_pool::portion room_;                   ///< for these
};

} // namespace hublink
