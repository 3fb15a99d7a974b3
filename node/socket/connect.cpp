#include "node/socket/connect.hpp"

#include <asio/steady_timer.hpp>

#include <netinet/in.h>

namespace hublink {
namespace {

class attempt : public std::enable_shared_from_this<attempt> {
 public:
  using handler = std::function<void(std::error_code, std::shared_ptr<tcp::socket>)>;

  attempt(asio::io_context& context, endpoint where, dial_settings how, handler done)
      : socket_(std::make_shared<tcp::socket>(context)), timer_(context), where_(where), how_(std::move(how)),
        done_(std::move(done)) {}

  void start() {
    timer_.expires_after(how_.timeout);
    timer_.async_wait([self = shared_from_this()](std::error_code cancelled) {
      if (!cancelled) self->finish(std::make_error_code(std::errc::timed_out));
    });
    dial();
  }

 private:
  void dial() {
    std::error_code error;
    socket_->open(to_asio(where_).protocol(), error);
    if (error) return finish(error);
    bool bound = how_.source && how_.source->v6 == where_.address.v6 && bind_to(*how_.source);
    how_.source.reset();
    socket_->async_connect(to_asio(where_), [self = shared_from_this(), bound](std::error_code failed) {
      if (self->done_ && bound && unsuited(failed)) {
        self->socket_->close(failed);
        return self->dial();
      }
      self->finish(failed);
    });
    auto local = socket_->local_endpoint(error);
    if (how_.begun && !error) how_.begun(from_asio(local));
  }

  bool bind_to(const ip_address& source) {
    int on = 1; // the port is chosen at connect: one may serve many destinations
    ::setsockopt(socket_->native_handle(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    std::error_code error;
    socket_->bind(to_asio({source, 0}), error);
    return !error;
  }

  /// The source address does not lead to that destination.
  static bool unsuited(std::error_code error) {
    auto number = error.value(); // asio's category does not answer for all conditions
    return number == EINVAL || number == EADDRNOTAVAIL || number == ENETUNREACH || number == EHOSTUNREACH;
  }

  void finish(std::error_code error) {
    auto done = std::exchange(done_, nullptr);
    if (!done) return;
    timer_.cancel();
    std::error_code ignored;
    if (error) socket_->close(ignored);
    done(error, std::move(socket_));
  }

  std::shared_ptr<tcp::socket> socket_;
  asio::steady_timer timer_;
  endpoint where_;
  dial_settings how_;
  handler done_;
};

/// A node that is stopped says so, by its system; a line that is down says nothing.
errc code_of(std::error_code error) {
  bool refused = error == asio::error::connection_refused || error == asio::error::connection_reset;
  return refused ? errc::hop_down : errc::line_down;
}

} // namespace

void connect_plainly(asio::io_context& context, endpoint where, const dial_settings& how,
                     attempt::handler done) {
  std::make_shared<attempt>(context, where, how, std::move(done))->start();
}

void connect(asio::io_context& context, endpoint where, const dial_settings& how,
             std::function<void(outcome<std::shared_ptr<tcp::socket>>)> done) {
  connect_plainly(context, where, how, [where, done = std::move(done)](std::error_code error, auto socket) {
    if (error)
      return done(failure{code_of(error), {}, "can't reach " + to_string(where) + ": " + error.message()});
    tune(*socket, data_patience);
    done(std::move(socket));
  });
}

} // namespace hublink
