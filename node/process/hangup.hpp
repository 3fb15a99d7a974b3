#pragma once
/// SIGHUP, as administrators and logrotate send it: files are to be opened anew, and read again.
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>

#include <csignal>
#include <functional>

namespace hublink {

class hangup {
 public:
  /// `told` is called on the thread of `context`, which must not run any more when this one ends.
  hangup(asio::io_context& context, std::function<void()> told)
      : signals_(context, SIGHUP), told_(std::move(told)) {
    wait();
  }

 private:
  void wait() {
    signals_.async_wait([this](std::error_code cancelled, int) {
      if (cancelled) return;
      told_();
      wait();
    });
  }

  asio::signal_set signals_;
  std::function<void()> told_;
};

} // namespace hublink
