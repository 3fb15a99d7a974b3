#include "node/socket/waitable_socket.hpp"

#include <fcntl.h>
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
  watched_.async_wait(event, [done = std::move(done)](std::error_code) { done(); });
}

void waitable_socket::waited() {
  if (--waits_ == 0) forget();
}

std::shared_ptr<waitable_socket> waitable_socket::again_on(const asio::any_io_executor& executor) {
  unique_fd same{fd_ ? ::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0) : -1};
  if (line_) line_->follow(same.get());
  return std::make_shared<waitable_socket>(executor, protocol_, std::move(same), std::move(line_));
}

void waitable_socket::shutdown_send() { ::shutdown(fd_.get(), SHUT_WR); }

void waitable_socket::close() {
  if (line_) line_->leave();
  forget();
  fd_.reset();
}

void waitable_socket::reset() {
  if (line_) line_->leave(); // the kernel counts from 0 once it is reset
  ::linger at_once{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  sockaddr nobody{};
  nobody.sa_family = AF_UNSPEC;
  ::connect(fd_.get(), &nobody, sizeof nobody); // resets it although another descriptor of it may be open
  close();
}

void waitable_socket::forget() {
  std::error_code ignored;
  if (watched_.is_open()) watched_.release(ignored);
}

} // namespace hublink
