#pragma once
/// A connected socket that the reactor knows only while somebody waits for it. Otherwise asio, whose epoll
/// events are edge-triggered, wakes a thread for every segment that comes while its owner is busy anyway.
#include "node/base/unique_fd.hpp"
#include "node/line/neighbour_line.hpp"
#include "node/socket/sockets.hpp"

#include <functional>
#include <memory>

namespace hublink {

class waitable_socket {
 public:
  /// Takes the socket from its executor, where nothing of it may be pending.
  waitable_socket(const asio::any_io_executor& executor, tcp::socket from, line_member_ptr line = {});
  waitable_socket(const asio::any_io_executor& executor, tcp protocol, unique_fd socket, line_member_ptr line)
      : protocol_(protocol), fd_(std::move(socket)), line_(std::move(line)), watched_(executor) {}
  ~waitable_socket() { forget(); } // one of the two closes the descriptor

  int native_handle() const { return fd_.get(); } ///< -1 once closed
  /// Several may be pending. `done` must keep this alive, and first call `waited`; it is called on the
  /// executor, also on `close`.
  void async_wait(tcp::socket::wait_type event, std::function<void()> done);
  void waited();
  /// Those that are pending end now.
  void stop_waits() { forget(); }
  /// The same socket, for another executor; it is closed when both are. Only that one is of its line then.
  std::shared_ptr<waitable_socket> again_on(const asio::any_io_executor& executor);
  void shutdown_send();
  void close();
  /// As `hublink::reset`.
  void reset();

 private:
  void forget();

  tcp protocol_;
  unique_fd fd_;
  line_member_ptr line_; ///< null: it is of none
  tcp::socket watched_;  ///< the same descriptor while `waits_` > 0, else closed
  int waits_ = 0;
};

} // namespace hublink
