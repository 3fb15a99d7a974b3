#pragma once
/// Writes to the log, while a node runs, what is to be said about its own certificate.
#include "node/trust/own_certificate.hpp"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

namespace hublink {

class certificate_watch {
 public:
  using line_writer = std::function<void(const std::string& line)>;

  /// `write` is called on the thread of `context`, which must not run any more when this one ends.
  certificate_watch(asio::io_context& context, own_certificate& watched, line_writer write)
      : timer_(context), watched_(watched), write_(std::move(write)) {}

  /// Before `context` runs, or on its thread.
  void look();

 private:
  asio::steady_timer timer_;
  own_certificate& watched_;
  line_writer write_;
};

} // namespace hublink
