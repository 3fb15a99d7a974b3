#pragma once
/// The one-time tokens that this node has handed out for its data port. Pure: the caller brings the time. Not
/// thread-safe.
#include "actors/ports/data_plane.hpp"

#include <chrono>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

namespace hublink {

/// 32 random bytes of OpenSSL's generator. Thread-safe.
token make_token();

class token_table {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds lifetime{10};

  struct place {
    circuit_id circuit = 0;
    side where = side::near;

    bool operator==(const place&) const = default;
  };

  void add(const token& key, place where, time_point now);
  /// Once, and only within the token's life. A token is found by its first 8 bytes, the other 24 are compared
  /// in constant time: how long a wrong guess takes can teach those 8 at most, and 192 bits stay unknown.
  std::optional<place> claim(const token& key, time_point now);
  /// Drops all tokens of a circuit that is over.
  void forget(circuit_id circuit);
  /// Takes all whose life is over, oldest first.
  std::vector<place> expire(time_point now);
  std::optional<time_point> next_deadline();
  std::size_t size() const { return entries_.size(); }

 private:
  struct entry {
    token key;
    place where;
    time_point deadline;
  };

  std::unordered_map<std::uint64_t, entry> entries_; ///< by the token's first 8 bytes
  std::deque<std::pair<time_point, std::uint64_t>>
      order_; ///< by age; claimed ones stay until they would have ended
};

} // namespace hublink
