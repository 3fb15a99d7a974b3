#include "node/socket/tcp_listener.hpp"

#include <asio/ip/v6_only.hpp>

#include <fcntl.h>
#include <unistd.h>

namespace hublink {

namespace {

/// Short of descriptors or memory.
constexpr std::chrono::milliseconds accept_again{50};

/// Takes the lowest free number, so that the number still says how many are in use.
void move_down(tcp::socket& socket) {
  std::error_code ignored;
  const auto protocol = socket.local_endpoint(ignored).protocol();
  const int high = socket.release(ignored), low = ::fcntl(high, F_DUPFD_CLOEXEC, 0);
  if (low >= 0) ::close(high);
  socket.assign(protocol, low >= 0 ? low : high, ignored);
}

} // namespace

tcp_listener::tcp_listener(asio::io_context& context, place at, std::function<void(tcp::acceptor&)> tune)
    : acceptor_(context), pause_(context), at_(std::move(at)), tune_(std::move(tune)),
      opening_(
          std::make_shared<opening>(context, at_.name, to_string(at_.where), [this] { return bind(); })) {}

outcome<> tcp_listener::bind() {
  const auto where = to_asio(at_.where);
  std::error_code error, ignored;
  acceptor_.open(where.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && at_.where.address.v6) acceptor_.set_option(asio::ip::v6_only(!at_.v4_too), error);
  if (!error) acceptor_.bind(where, error);
  if (!error) tune_(acceptor_);
  if (!error) acceptor_.listen(at_.backlog, error);
  if (!error) return {};
  acceptor_.close(ignored);
  return {errc::bad_config, error.message()};
}

endpoint tcp_listener::local() const {
  std::error_code ignored;
  return from_asio(acceptor_.local_endpoint(ignored));
}

void tcp_listener::start(handler events) {
  events_ = std::move(events);
  if (is_open()) return accept();
  opening_->keep_trying([this] { accept(); });
}

void tcp_listener::tune_again() {
  if (is_open()) tune_(acceptor_);
}

void tcp_listener::close() {
  opening_->stop();
  pause_.cancel();
  std::error_code ignored;
  acceptor_.close(ignored);
}

void tcp_listener::accept() {
  acceptor_.async_accept(from_, [self = shared_from_this()](std::error_code error, tcp::socket socket) {
    if (!self->acceptor_.is_open()) return;
    // What nobody knows yet goes first: links and what they carry need the rest.
    if (!error && !leaves_room(socket.native_handle(), entrance_kind::application)) {
      const std::string why = "too many open files";
      note_shortage(self->at_.of, why);
      if (self->events_.make_room()) {
        move_down(socket);
      } else if (!leaves_room(socket.native_handle(), self->at_.of)) {
        reset(socket);
        return self->pause(why);
      }
    }
    if (!error) {
      auto from = from_asio(self->from_);
      from.address = unmapped(from.address);
      self->events_.taken(std::move(socket), from);
      return self->accept();
    }
    if (error == std::errc::connection_aborted) return self->accept();
    self->events_.make_room();
    self->pause(error.message());
  });
}

// Something gives a descriptor back, and the next try comes a little later instead of at once.
void tcp_listener::pause(const std::string& why) {
  note_shortage(at_.of, why);
  pause_.expires_after(accept_again);
  pause_.async_wait([self = shared_from_this()](std::error_code cancelled) {
    if (!cancelled && self->acceptor_.is_open()) self->accept();
  });
}

} // namespace hublink
