#pragma once
/// Opens a listener again and again until its address is there and its port free. One thread.
#include "protocol/base/errors.hpp"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace hublink {

/// One listener's attempts to open. What it waits for stands in the log, once for each reason, and in
/// `status`.
class opening : public std::enable_shared_from_this<opening> {
 public:
  /// Tries; the failure's text is the system's reason.
  using attempt = std::function<outcome<>()>;

  /// `name`, `listen`: as messages call it, and where it listens.
  opening(asio::io_context& context, std::string name, std::string listen, attempt open);
  ~opening();

  /// Once, now.
  outcome<> try_now();
  /// Tries again later, unless it is open; `opened` is called then, once.
  void keep_trying(std::function<void()> opened);
  void stop();
  bool is_open() const { return open_now_; }
  /// Of the last attempt; empty: it is open, or was not tried yet.
  const std::string& reason() const { return reason_; }

 private:
  void wait();
  void try_again();
  void warn() const;

  asio::steady_timer timer_;
  std::string name_, listen_;
  attempt open_;
  std::function<void()> opened_;
  std::string reason_;
  std::chrono::milliseconds pause_{0};
  bool open_now_ = false;
};

} // namespace hublink
