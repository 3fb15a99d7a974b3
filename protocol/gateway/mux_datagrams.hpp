#pragma once
/// Datagrams that wait to be sent: so many bytes of them, and then the oldest are dropped.
#include "protocol/gateway/mux_frame.hpp"

#include <deque>
#include <utility>

namespace hublink {

class mux_datagrams {
 public:
  struct datagram {
    mux_id flow;
    bytes data;
  };

  explicit mux_datagrams(std::size_t most) : most_(most) {}

  /// Returns how many were dropped for it. The last one always stays.
  std::size_t push(mux_id flow, byte_view data) {
    waiting_.push_back({flow, {data.begin(), data.end()}});
    bytes_ += data.size() + mux_head_size;
    std::size_t dropped = 0;
    for (; bytes_ > most_ && waiting_.size() > 1; ++dropped) pop();
    return dropped;
  }
  datagram pop() {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    bytes_ -= next.data.size() + mux_head_size;
    return next;
  }
  bool empty() const { return waiting_.empty(); }

 private:
  std::size_t most_, bytes_ = 0; ///< as frames
  std::deque<datagram> waiting_;
};

} // namespace hublink
