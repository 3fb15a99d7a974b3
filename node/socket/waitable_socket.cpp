#include "node/socket/waitable_socket.hpp"

#include <sys/socket.h>

namespace hublink {

waitable_socket::waitable_socket(const asio::any_io_executor& executor, tcp::socket from,
                                 line_member_ptr line)
    : protocol_(tcp::v4()), line_(std::move(line)), watched_(executor) {
  std::error_code ignored; // a socket that is broken already shows it at its first use
  protocol_ = from.local_endpoint(ignored).protocol();
  fd_ = unique_fd(from.release(ignored));
}

void waitable_socket::async_wait(tcp::socket::wait_type event, std::function<void()> done) {
  std::error_code failed; // then the wait below ends at once
  if (waits_++ == 0) watched_.assign(protocol_, fd_.get(), failed);
  watched_.async_wait(event, [this, done = std::move(done)](std::error_code) {
    if (--waits_ == 0) forget();
    done();
  });
}

void waitable_socket::shutdown_send() { ::shutdown(fd_.get(), SHUT_WR); }

void waitable_socket::close() {
  if (line_) line_->leave();
  forget();
  fd_.reset();
}

void waitable_socket::reset() {
  ::linger at_once{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void waitable_socket::forget() {
  std::error_code ignored;
  if (watched_.is_open()) watched_.release(ignored);
}

} // namespace hublink
