#pragma once
/// What waits to be sent of flows: so many bytes of datagrams, and then the oldest are dropped. The end of a
/// flow waits behind its datagrams, and is never dropped.
#include "protocol/gateway/mux_frame.hpp"

#include <deque>
#include <utility>

namespace hublink {

class mux_datagrams {
 public:
  struct entry {
    mux_type type; ///< datagram, beside, flow_end
    mux_id flow;
    bytes body;
  };

  explicit mux_datagrams(std::size_t most) : most_(most) {}

  /// Returns how many datagrams were dropped for it. The last one always stays.
  std::size_t push(entry fresh) {
    if (fresh.type != mux_type::flow_end) {
      bytes_ += size_of(fresh);
      ++count_;
    }
    waiting_.push_back(std::move(fresh));
    std::size_t dropped = 0;
    while (bytes_ > most_ && count_ > 1) {
      auto oldest = pop();
      if (oldest.type == mux_type::flow_end)
        waiting_.push_back(std::move(oldest)); // nothing of its flow is left to wait for
      else
        ++dropped;
    }
    return dropped;
  }
  entry pop() {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.type != mux_type::flow_end) {
      bytes_ -= size_of(next);
      --count_;
    }
    return next;
  }
  bool empty() const { return waiting_.empty(); }

 private:
  static std::size_t size_of(const entry& queued) { return queued.body.size() + mux_head_size; }

  std::size_t most_;
  std::size_t bytes_ = 0, count_ = 0; ///< of datagrams, as frames
  std::deque<entry> waiting_;
};

} // namespace hublink
