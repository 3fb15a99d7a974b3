#pragma once
/// Calls when the next flow of a table ends. One thread.
#include "protocol/gateway/udp_flows.hpp"

#include <asio/steady_timer.hpp>

namespace hublink {

template <class Table>
class flow_timer {
 public:
  flow_timer(asio::io_context& context, Table& flows) : flows_(flows), timer_(context) {}

  /// After a flow was opened.
  void watch() {
    auto first = flows_.next_end();
    if (!first || (watched_ && *watched_ <= *first)) return;
    watched_ = first;
    timer_.expires_at(*first);
    timer_.async_wait([this](std::error_code cancelled) {
      if (cancelled) return;
      watched_.reset();
      flows_.expire(Table::clock::now());
      watch();
    });
  }
  void cancel() { timer_.cancel(); }

 private:
  Table& flows_;
  asio::steady_timer timer_;
  std::optional<typename Table::clock::time_point> watched_;
};

} // namespace hublink
