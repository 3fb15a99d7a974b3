#pragma once
/// The streams of one gateway link by their numbers: which side gave them, how many there may be, and what
/// their windows may grow by. Says nothing on the link.
#include "protocol/gateway/mux_frame.hpp"
#include "protocol/gateway/mux_limits.hpp"
#include "protocol/gateway/open_limits.hpp"

#include <chrono>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hublink {

struct mux_stream {
  using clock = std::chrono::steady_clock;
  /// Whose turn it waits for.
  enum class turn : std::uint8_t { none, interactive, bulk };

  bool opening = false; ///< asked by this side, no answer yet
  bool asked = false;   ///< asked by the peer, no answer yet
  bool out_done = false, in_done = false;
  bool in_stopped = false; ///< drop what comes
  bool wants_turn = false; ///< readable, but without credit
  bool credit_due = false;
  turn queued = turn::none;
  std::uint32_t credit = 0;   ///< bytes that may be sent
  std::uint32_t window = 0;   ///< of the other direction
  std::uint32_t promised = 0; ///< of it, not used by the peer yet
  std::uint32_t owed = 0;     ///< consumed, and not promised again yet
  bool is_bulk = false;       ///< others come first
  std::uint32_t burst = 0;    ///< sent, and not made up for by pauses
  clock::time_point promised_at{}, dry_at{};

  /// So much was sent, at the cost of its credit.
  void sent(std::size_t count);
  /// There is something to send again, after a pause that makes up for what it sent before.
  void resumed(clock::time_point now);
};

class mux_streams {
 public:
  using clock = mux_stream::clock;

  /// `dialler`: this side dialled the link, and gives the odd numbers.
  mux_streams(bool dialler, const mux_limits& limits, std::shared_ptr<mux_budget> shared,
              clock::time_point now);
  ~mux_streams();
  mux_streams(const mux_streams&) = delete;
  mux_streams& operator=(const mux_streams&) = delete;

  /// Null: it is gone, or never was.
  mux_stream* find(mux_id id) {
    auto found = streams_.find(id);
    return found == streams_.end() ? nullptr : &found->second;
  }
  /// Its number was given, also to a flow.
  bool existed(mux_id id) const { return id != 0 && id <= (is_own(id) ? last_own_ : last_peer_); }
  std::size_t size() const { return streams_.size(); }
  std::size_t own() const { return own_; } ///< asked for by this side

  bool has_numbers() const { return last_own_ < 0xffff'fff0; }
  mux_id next_number() { return last_own_ = last_own_ == 0 ? (dialler_ ? 1 : 2) : last_own_ + 2; }
  /// False: the peer may not give that number now.
  bool take_peers_number(mux_id id);

  mux_stream& open(mux_id id, std::uint32_t credit, clock::time_point now);
  /// One that the peer asks for.
  void accept(mux_id id, const mux_target& target, std::uint32_t credit, clock::time_point now);
  /// Why the peer may not open another one now; null: it may. Counts as one.
  const char* limit_of_peer(const mux_target& target, clock::time_point now) {
    return peers_.refusal(target, now);
  }
  /// The same of flows, which are limited by their pace alone.
  bool may_open_now(clock::time_point now) { return peers_.is_slow_enough(now); }
  /// One that the peer asked for has its answer.
  void answered(mux_id id);

  void remove(mux_id id);
  /// Removes it if both directions are over.
  void settle(mux_id id);

  /// So much of it is out of memory: the peer will get credit for it.
  void consumed(mux_id id, std::size_t count, clock::time_point now);
  bool owe_credits() const { return !credits_due_.empty(); }
  /// Calls `give(id, count)` for each stream whose peer gets credit, which is promised then.
  template <class Give>
  void take_credits(clock::time_point now, Give give) {
    for (auto id : credits_due_) {
      auto* stream = find(id);
      if (!stream || !std::exchange(stream->credit_due, false) || stream->in_done || stream->in_stopped)
        continue;
      give(id, stream->owed);
      stream->promised += std::exchange(stream->owed, 0);
      stream->promised_at = now;
    }
    credits_due_.clear();
  }

 private:
  /// Doubles its window, as far as the limits go.
  void grow(mux_stream& stream);
  bool is_own(mux_id id) const { return (id & 1) == (dialler_ ? 1u : 0u); }
  mux_stream& add(mux_id id, std::uint32_t credit, clock::time_point now);

  const bool dialler_;
  const mux_limits limits_;
  std::shared_ptr<mux_budget> shared_;
  std::unordered_map<mux_id, mux_stream> streams_;
  mux_id last_own_ = 0, last_peer_ = 0; ///< numbers given
  std::size_t own_ = 0;                 ///< open, asked for by this side
  open_limits peers_;
  std::vector<mux_id> credits_due_;
  std::uint64_t growth_left_;
};

} // namespace hublink
