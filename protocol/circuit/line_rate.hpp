#pragma once
/// What one line carries, measured by loading it: what a connection says of itself, what follows from two
/// looks at it, and what would help. Pure: the time comes with each look. docs/internals/line.md.
#include "protocol/base/errors.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hublink {

/// One connection at one moment, by what its kernel and its node say. Counters from its beginning on.
struct line_facts {
  std::chrono::microseconds now{};        ///< steady
  std::uint64_t bytes_out = 0;            ///< that the peer has acknowledged
  std::uint64_t segments_out = 0;         ///< with data, each time that they were sent
  std::uint64_t retransmitted = 0;        ///< of these, again
  std::uint64_t needless = 0;             ///< of these the peer had already
  std::chrono::microseconds round_trip{}; ///< smoothed
  std::chrono::microseconds least_round_trip{};
  std::uint64_t window = 0, peer_window = 0; ///< bytes on the way: as congestion control and peer let go
  std::chrono::microseconds busy{};          ///< something was on its way
  std::chrono::microseconds by_peer{};       ///< of that: the peer's window was full
  std::chrono::microseconds by_buffer{};     ///< of that: the kernel's buffer for sending was
  // Only of a look at all of it.
  std::chrono::microseconds cpu{}; ///< of the node's process
  std::uint64_t send_most = 0;     ///< bytes: how far the kernel lets that buffer grow
  std::uint64_t receive_most = 0;  ///< the same of one for receiving
  std::uint64_t rate_limit = 0;    ///< bytes per second that the node keeps to; 0: none
  std::string congestion;          ///< the congestion control in force
};

/// What keeps it from carrying more.
enum class line_limit : std::uint8_t {
  line,           ///< it is full
  loss,           ///< it is not full, but what gets lost on it makes the congestion control go slower
  receive_window, ///< the receiver's kernel has no larger window
  send_buffer,    ///< the sender's kernel has no larger buffer
  receiver,       ///< takes it no faster
  receiver_cpu,   ///< the same, because a core is used up
  sender,         ///< gives it no faster
  sender_cpu,     ///< the same, because a core is used up
  rate_limit,     ///< the sender's own `limits.rate`
};
std::string_view to_string(line_limit value); ///< on the wire and in JSON

/// What the receiver of a load adds.
struct line_taken {
  std::string node;
  std::uint64_t bytes = 0, receive_most = 0;
  std::uint32_t cpu_percent = 0; ///< of one core
};

/// Of one line, in the direction in which it was loaded.
struct line_rate {
  std::string from, to;
  std::uint64_t micros = 0, bytes = 0; ///< how long it was loaded, and what arrived
  std::uint64_t bits_per_s = 0;        ///< without its begin
  std::uint64_t round_trip_micros = 0, least_round_trip_micros = 0; ///< under load; without
  std::uint64_t segments_out = 0, retransmitted = 0;
  std::uint64_t lost_ppm = 0;                                                 ///< segments out of a million
  std::uint64_t window = 0, peer_window = 0, send_most = 0, receive_most = 0; ///< bytes
  std::uint32_t sender_cpu_percent = 0, receiver_cpu_percent = 0;
  std::string congestion;
  std::string limited_by; ///< a `line_limit`; of a later version perhaps another one

  bool operator==(const line_rate&) const = default;
};

/// What became of the lines of a way, nearest first.
struct line_rates {
  std::vector<line_rate> lines;
  std::optional<failure> failed{}; ///< why there are no more

  bool operator==(const line_rates&) const = default;
};

inline constexpr std::chrono::milliseconds least_load{100}, most_load{60'000}; ///< of one line
inline constexpr std::size_t most_lines = 64;

/// Watches one connection while it is loaded.
class load_watch {
 public:
  /// For so long.
  explicit load_watch(std::chrono::microseconds time) : time_(time) {}

  /// The first look, at all of it.
  void begin(const line_facts& first);
  void note(const line_facts& now);
  bool is_over(const line_facts& now) const { return now.now - first_.now >= time_; }
  /// So much may wait in the kernel to be sent: enough for a moment, and soon gone where the line is slow.
  std::size_t unsent() const;
  /// `last` is a look at all of it.
  line_rate result(const std::string& from, const line_facts& last, const line_taken& taken) const;

 private:
  struct sums {
    std::chrono::microseconds time{};
    std::uint64_t bytes = 0, lost = 0, segments = 0;
  };
  sums since(const line_facts& before, const line_facts& last) const;
  line_limit limit(const line_rate& of, const line_facts& last) const;
  bool is_queued() const;

  std::chrono::microseconds time_;
  line_facts first_;
  std::optional<line_facts> risen_; ///< the first look behind its begin
  std::uint64_t looks_ = 0, queued_ = 0;
  std::chrono::microseconds round_trips_{}, sampled_{};
};

/// Bytes that may be on the way at once, by what the two kernels allow; 0: not known.
std::uint64_t most_window(const line_rate& of);
/// Bits per second that this allows at its round trip; 0: not known, or no matter.
std::uint64_t most_rate_of_windows(const line_rate& of);
/// One line: what would help. Empty: nothing that is known.
std::string advice_on(const line_rate& of);

} // namespace hublink
