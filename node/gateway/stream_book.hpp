#pragma once
/// What a node's gateways carry and carried, for listings. One thread.
#include "actors/ports/gateway_plane.hpp"
#include "protocol/base/fair_share.hpp"
#include "protocol/base/repeat_tally.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>

namespace hublink {

class stream_book {
 public:
  using record = std::shared_ptr<stream_report>;

  /// `history`: how long what ended is kept, as long as it is not too much.
  explicit stream_book(std::chrono::seconds history) : history_(history) {}

  /// May the application at that address have another stream to that gateway, of `most` that it takes?
  bool has_room(const std::string& peer, const endpoint& application, int most);
  record begin(stream_report what);
  void end(const record& what, std::string result, std::string reason = {});
  /// Counts it and writes it to the log.
  void refused(const std::string& gateway, const std::string& peer, const std::string& from,
               const std::string& to, const mux_refusal& why);
  void dropped(std::string_view why, std::uint64_t count = 1);

  /// Calls `idle` whenever no connection is open from now on.
  void when_idle(std::function<void()> idle);
  std::size_t open_of(const std::string& gateway, bool calling) const;
  void fill(gateway_report& report);

 private:
  struct closed_stream {
    record what;
    std::chrono::steady_clock::time_point since;
  };

  void forget_old();
  void count(const stream_report& what, bool more);

  std::chrono::seconds history_;
  std::unordered_map<std::uint64_t, record> open_;
  std::deque<closed_stream> closed_;
  std::map<std::string, std::uint64_t> refused_;
  repeat_tally said_;                        ///< in the log, of refusals
  std::map<std::string, fair_share> called_; ///< streams of applications here, by the gateway that they go to
  std::uint64_t last_ = 0;
  std::size_t connections_ = 0; ///< of `open_`: flows of datagrams end by themselves
  std::function<void()> idle_ = [] {};
};

/// Unix time.
std::int64_t unix_ms();

} // namespace hublink
