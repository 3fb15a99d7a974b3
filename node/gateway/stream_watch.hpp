#pragma once
/// Looks at all streams of a node now and then: whose application's machine is gone, and which stand still
/// half-closed. One thread.
#include "node/gateway/gateway_stream.hpp"

#include <list>

namespace hublink {

class stream_watch {
 public:
  explicit stream_watch(asio::io_context& context) : timer_(context) {}

  /// Until it is over. Its `life` is known.
  void add(const std::shared_ptr<gateway_stream>& stream);
  void cancel() { timer_.cancel(); }

 private:
  void wait();
  void look();

  std::list<std::weak_ptr<gateway_stream>> streams_;
  asio::steady_timer timer_;
  std::chrono::milliseconds pause_{0}; ///< as the most impatient stream needs it; 0: nobody waits
};

} // namespace hublink
