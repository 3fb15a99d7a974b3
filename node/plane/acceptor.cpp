#include "node/plane/acceptor.hpp"

#include "protocol/circuit/preamble.hpp"

#include <asio/read.hpp>

namespace hublink {

/// A connection of which nothing is known yet.
class acceptor::caller : public std::enable_shared_from_this<acceptor::caller> {
 public:
  caller(tcp::socket socket, std::shared_ptr<handler> events)
      : socket_(std::move(socket)), events_(std::move(events)) {}

  void start(std::shared_ptr<unproven_connections::ticket> ticket) {
    ticket_ = std::move(ticket);
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](std::error_code error) {
      if (!error) self->look();
    });
  }
  void drop() {
    std::error_code ignored;
    socket_.close(ignored);
    ticket_.reset();
  }

 private:
  void look() {
    std::byte first{};
    std::error_code error;
    auto size = socket_.receive(asio::buffer(&first, 1), tcp::socket::message_peek, error);
    if (error || size == 0) return drop();
    if (first == tls_handshake_byte) return events_->link(std::move(socket_), std::move(ticket_));
    if (first == preamble_.front()) return read_preamble_bytes();
    drop();
  }

  void read_preamble_bytes() {
    asio::async_read(socket_, asio::buffer(preamble_),
                     [self = shared_from_this()](std::error_code error, std::size_t) {
                       auto key = error ? std::nullopt : read_preamble(self->preamble_);
                       if (!key) return self->drop();
                       self->ticket_.reset();
                       self->events_->data(std::move(self->socket_), *key);
                     });
  }

  tcp::socket socket_;
  std::shared_ptr<handler> events_;
  std::shared_ptr<unproven_connections::ticket> ticket_;
  std::array<std::byte, preamble_size> preamble_ = make_preamble({}); ///< its first byte, until one was read
};

acceptor::acceptor(asio::io_context& context, std::size_t max_unproven, handler events)
    : listener_(context), unproven_(unproven_connections::make(max_unproven)),
      events_(std::make_shared<handler>(std::move(events))), pause_(context), deadline_(context) {}

outcome<> acceptor::open(const endpoint& where) {
  auto address = to_asio(where);
  std::error_code error;
  listener_.open(address.protocol(), error);
  if (!error) listener_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) listener_.bind(address, error);
  if (!error) listener_.listen(tcp::acceptor::max_listen_connections, error);
  if (!error) return {};
  return {errc::bad_config, "can't listen on " + to_string(where) + ": " + error.message()};
}

endpoint acceptor::local() const {
  std::error_code ignored;
  return from_asio(listener_.local_endpoint(ignored));
}

void acceptor::start() { accept(); }

void acceptor::close() {
  std::error_code ignored;
  listener_.close(ignored);
  pause_.cancel();
  deadline_.cancel();
  while (unproven_->drop_oldest()) {
  }
}

void acceptor::accept() {
  listener_.async_accept([this](std::error_code error, tcp::socket socket) {
    if (!listener_.is_open()) return;
    if (error) return pause();
    welcome(std::move(socket));
    accept();
  });
}

void acceptor::welcome(tcp::socket socket) {
  std::error_code error;
  auto source = socket.remote_endpoint(error).address().to_string();
  if (error) return; // gone already
  tune(socket, data_patience);
  auto connection = std::make_shared<caller>(std::move(socket), events_);
  auto drop = [weak = std::weak_ptr(connection)] {
    if (auto found = weak.lock()) found->drop();
  };
  connection->start(unproven_->admit(source, std::move(drop), std::chrono::steady_clock::now()));
  watch_time();
}

// Out of file descriptors or memory: the oldest unproven connection gives one back, and the next try comes a
// little later instead of at once.
void acceptor::pause() {
  unproven_->drop_oldest();
  pause_.expires_after(std::chrono::milliseconds(50));
  pause_.async_wait([this](std::error_code cancelled) {
    if (!cancelled) accept();
  });
}

void acceptor::watch_time() {
  auto next = unproven_->next_deadline();
  if (!next || std::exchange(watching_, true)) return;
  deadline_.expires_at(*next);
  deadline_.async_wait([this](std::error_code cancelled) {
    if (cancelled) return;
    watching_ = false;
    unproven_->expire(std::chrono::steady_clock::now());
    watch_time();
  });
}

} // namespace hublink
