#pragma once
/// The newest events of this node, for those who look on live. One ring serves all of them: whoever reads
/// slowly costs nothing and holds nobody up; how many events went by unread can be told. Thread-safe.
#include "node/accounts/rights.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/waker_list.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace hublink {

/// Which events somebody wants, or may see.
struct event_filter {
  transfer_id transfer{}; ///< of that one alone; empty: all
  file_limit files{};     ///< of transfers of these file IDs alone
};

class event_ring {
 public:
  /// What is kept at most: the older ones go.
  struct limits {
    std::size_t events = 4096, bytes = 1 << 20;
  };
  struct batch {
    std::vector<std::string> lines;
    std::uint64_t next = 0;   ///< the position to go on from
    std::uint64_t missed = 0; ///< went by from the asked position on, whatever the filter
  };

  event_ring() = default;
  explicit event_ring(limits most) : most_(most) {}

  /// `line`: JSON. `file`: its file ID, where the event names one; of later events of that transfer it is
  /// known.
  void put(std::string line, const transfer_id& transfer, const std::optional<std::string>& file);

  /// Another one after a restart, which begins to count anew.
  std::uint64_t id() const { return id_; }
  /// Positions count all events since the start: of the first one that is kept, and behind the last one.
  std::uint64_t oldest() const;
  std::uint64_t end() const;
  /// From that position on, `bytes` of them, but at least one. A position behind the end counts as the end.
  batch read(std::uint64_t from, const event_filter& wanted, std::size_t bytes) const;

  /// Calls once, from any thread, when there is an event at that position or behind it; never any more once
  /// the waker is dropped.
  [[nodiscard]] waker when_past(std::uint64_t position, std::function<void()> call);

 private:
  struct entry {
    std::string line;
    transfer_id transfer;
    std::string file; ///< empty: not known
  };

  std::string remember(const transfer_id& transfer, const std::optional<std::string>& file);
  void drop_old();

  const std::uint64_t id_ = std::uint64_t(std::chrono::system_clock::now().time_since_epoch().count());
  mutable std::mutex lock_;
  limits most_{};
  std::deque<entry> entries_;
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
  std::map<transfer_id, std::string> files_; ///< of the transfers seen last
  std::deque<transfer_id> seen_;
  waker_list wakers_;
};

} // namespace hublink
