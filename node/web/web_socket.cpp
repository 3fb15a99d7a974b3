#include "node/web/web_socket.hpp"

#include <asio/write.hpp>

#include <poll.h>

namespace hublink {

namespace {

constexpr std::chrono::seconds web_patience{30};
constexpr std::size_t most_passed_over = 8 << 20; ///< more than any body may have, in TLS

} // namespace

web_socket::web_socket(tcp::socket socket, std::shared_ptr<asio::ssl::context> tls)
    : socket_(std::move(socket)), context_(std::move(tls)) {
  tune(socket_, web_patience);
  if (context_) tls_.emplace(socket_, *context_);
}

void web_socket::shake_hands(std::function<void(std::error_code error)> done) {
  if (!tls_) return done({});
  tls_->async_handshake(asio::ssl::stream_base::server, std::move(done));
}

void web_socket::read_some(std::span<char> room, handler done) {
  const auto buffer = asio::buffer(room.data(), room.size());
  if (tls_)
    tls_->async_read_some(buffer, std::move(done));
  else
    socket_.async_read_some(buffer, std::move(done));
}

void web_socket::write(std::string_view text, handler done) {
  const auto buffer = asio::buffer(text.data(), text.size());
  if (tls_)
    asio::async_write(*tls_, buffer, std::move(done));
  else
    asio::async_write(socket_, buffer, std::move(done));
}

void web_socket::when_hung_up(std::shared_ptr<void> owner, std::function<void()> call) {
  hung_up_ = std::move(call);
  if (!std::exchange(is_watched_, true)) watch(std::move(owner));
}

void web_socket::watch(std::shared_ptr<void> owner) {
  socket_.async_wait(tcp::socket::wait_read, [this, owner = std::move(owner)](std::error_code error) {
    if (error || !socket_.is_open()) return;
    pollfd at{socket_.native_handle(), POLLRDHUP, 0};
    if (::poll(&at, 1, 0) <= 0) return watch(owner); // it sent something
    if (hung_up_) hung_up_();
  });
}

void web_socket::finish(std::function<void()> done) {
  std::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  pass_over(most_passed_over, std::move(done));
}

void web_socket::pass_over(std::size_t most, std::function<void()> done) {
  socket_.async_read_some(asio::buffer(passed_),
                          [this, most, done](std::error_code error, std::size_t count) {
                            if (error || count >= most) return done();
                            pass_over(most - count, done);
                          });
}

// Without TLS' own goodbye: every answer says its length, or is one that the reader can tell the end of.
void web_socket::close() {
  std::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

} // namespace hublink
