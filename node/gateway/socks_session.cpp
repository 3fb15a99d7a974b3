#include "node/gateway/socks_session.hpp"
#include "actors/gateway/gateway_policy.hpp"
#include "protocol/base/special_addresses.hpp"

#include <asio/read.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>
#include <netinet/tcp.h>
#include <openssl/crypto.h>

namespace hublink {

namespace {

constexpr std::chrono::seconds patience{10};
constexpr std::chrono::milliseconds datagrams_behind_end{200};
constexpr std::chrono::seconds last_words{2};
constexpr std::size_t most_last_words = 4096;
/// Less than a client's kernel may still call writable.
constexpr std::uint32_t padding_margin = 2048;
constexpr int small_room = 4096, usual_room = 65'536; ///< the kernel takes twice as much
#ifndef SO_BUF_LOCK
constexpr int SO_BUF_LOCK = 72; // Linux 5.14
#endif

int option(int fd, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

/// The kernel goes on from there as it sees fit. An older one is left alone: it would never do so.
void set_room(int fd, int room) {
  constexpr int as_needed = 0;
  if (option(fd, SO_BUF_LOCK) < 0) return;
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  ::setsockopt(fd, SOL_SOCKET, SO_BUF_LOCK, &as_needed, sizeof as_needed);
}

/// For an application that asked; until then it has little to say.
void widen(tcp::socket& socket) {
  set_room(socket.native_handle(), usual_room);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_WINDOW_CLAMP, &usual_room, sizeof usual_room);
}

/// The kernel takes so much of it while nothing is read, and the client's has to see that it waits.
bool is_enough(std::uint32_t padding, tcp::socket& socket) {
  return padding >= static_cast<std::uint32_t>(option(socket.native_handle(), SO_RCVBUF)) + padding_margin;
}

class session : public std::enable_shared_from_this<session> {
 public:
  session(tcp::socket socket, const endpoint& from, const socks_services& services)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), from_(from), services_(services),
        talk_(services.login.wants_password()) {}

  void start() {
    if (!services_.login.wants_password() && !is_loopback(from_.address)) {
      refused({mux_reason::not_allowed, "there is no socks.users, so only loopback is served"}, "?");
      return reset(socket_);
    }
    services_.place->on_drop([weak = weak_from_this()] {
      if (auto self = weak.lock()) reset(self->socket_);
    });
    timer_.expires_after(patience);
    timer_.async_wait([self = shared_from_this()](std::error_code cancelled) {
      if (!cancelled) reset(self->socket_);
    });
    read();
  }

 private:
  void read() {
    input_.resize(talk_.wants());
    asio::async_read(socket_, asio::buffer(input_),
                     [self = shared_from_this()](std::error_code error, std::size_t) {
                       if (error) return self->leave();
                       auto step = self->talk_.received(self->input_);
                       OPENSSL_cleanse(self->input_.data(), self->input_.size()); // it may be a password
                       self->take(std::move(step));
                     });
  }

  void take(socks_server::step step) {
    output_ = std::move(step.reply);
    if (step.failed) {
      refused({mux_reason::not_allowed, step.why}, "?");
      if (!ports_.empty()) return end_datagrams();
      if (talk_.is_silent()) return tell_silent_one(output_.front());
      return say([](session& self) { self.hang_up(); });
    }
    if (step.shown) return judge(std::move(*step.shown));
    if (step.asked) return serve(*step.asked);
    if (output_.empty()) return read();
    say([](session& self) { self.read(); });
  }

  void judge(socks_server::login shown) {
    services_.login.check(from_.address, std::move(shown.user), std::move(shown.password),
                          [self = shared_from_this()](bool right) { self->take(self->talk_.judged(right)); });
  }

  void serve(const socks_server::request& request) {
    if (request.what == socks_server::command::rules) return rule(request);
    auto target = request.target;
    auto shown = to_string(target);
    target.hops_left = services_.opener.hops_of(from_);
    auto peer = called_for(*services_.self, target);
    if (peer.empty())
      return answer({mux_reason::unreachable, "no gateway serves it; name one in proxy.called"}, shown);
    bool streams = request.what != socks_server::command::datagrams;
    if (streams && !services_.book->has_room(peer, from_, services_.self->proxy.streams))
      return answer({mux_reason::busy, "the application has as many streams to " + peer + " as is its share"},
                    shown);
    if (request.what == socks_server::command::deferred && !is_enough(request.padding, socket_))
      return answer({mux_reason::failed, "its padding is less than this machine's receive buffer"}, shown);
    timer_.cancel();
    services_.place.reset();
    if (request.what == socks_server::command::datagrams)
      return serve_datagrams(peer, target, request.replies);
    stream_report report;
    report.gateway = "socks";
    report.peer = peer;
    report.from = to_string(from_);
    report.to = shown;
    auto stream = std::make_shared<gateway_stream>(std::move(socket_), services_.book,
                                                   services_.book->begin(std::move(report)));
    if (request.keep_alive != mux_keep_alive{}) stream->want_keep_alive(request.keep_alive);
    if (request.what == socks_server::command::deferred)
      answer_by_connection(stream, request.padding);
    else
      answer_by_reply(stream);
    services_.opener.open_stream(peer, target, std::move(stream));
  }

  // The reply must be on its way before anything that the destination says: one small write to a fresh
  // socket.
  static void answer_by_reply(const std::shared_ptr<gateway_stream>& stream) {
    widen(stream->socket());
    stream->on_answer = [weak = std::weak_ptr(stream)](const mux_refusal* why) {
      auto alive = weak.lock();
      if (!alive) return;
      std::error_code ignored;
      auto local = alive->socket().local_endpoint(ignored);
      auto reply = socks_reply(why ? std::optional(why->reason) : std::nullopt, from_asio(local));
      alive->socket().send(asio::buffer(reply), 0, ignored);
      if (why) alive->refuse_after_answer(*why);
    };
  }

  // The client's socket is not writable while the padding is not taken. Urgent data is no part of what the
  // application reads, and outlives the reset.
  static void answer_by_connection(const std::shared_ptr<gateway_stream>& stream, std::uint32_t padding) {
    stream->on_answer = [weak = std::weak_ptr(stream), padding](const mux_refusal* why) {
      auto alive = weak.lock();
      if (!alive) return;
      if (why) {
        say_urgently(alive->socket(), socks_code(why->reason));
        return alive->refuse(*why);
      }
      widen(alive->socket());
      alive->skip(padding);
    };
    stream->watch_for_leaving();
  }

  // Of an application's own connection, by the address that it shows to this listener.
  void rule(const socks_server::request& request) {
    bool known = services_.opener.keep_alive({from_.address, request.target.where.port}, request.keep_alive);
    output_ = socks_reply(known ? std::nullopt : std::optional(mux_reason::failed), {});
    say([](session& self) { self.hang_up(); });
  }

  static void say_urgently(tcp::socket& socket, std::byte code) {
    std::error_code gone;
    socket.send(asio::buffer(&code, 1), tcp::socket::message_out_of_band, gone);
  }

  void tell_silent_one(std::byte code) {
    timer_.cancel();
    say_urgently(socket_, code);
    reset(socket_);
  }

  // Ports live as long as this connection: the application's end is known by its end.
  void serve_datagrams(const std::string& peer, const mux_target& target, const mux_flow_rules& rules) {
    std::error_code ignored;
    auto local = from_asio(socket_.local_endpoint(ignored));
    auto told = [weak = weak_from_this()](const endpoint& port, const endpoint& stands_for) {
      auto self = weak.lock();
      if (!self) return;
      std::error_code lost; // then its application takes the port for what it is
      self->socket_.send(asio::buffer(socks_beside(port, stands_for)), MSG_DONTWAIT, lost);
    };
    auto port =
        services_.opener.open_datagrams({peer, target, rules, local.address, from_.address, std::move(told)});
    if (!port) return answer({mux_reason::busy, port.error().text}, to_string(target));
    ports_.push_back(port->first);
    output_ = socks_reply({}, port->second);
    await_another_port();
  }

  void await_another_port() {
    talk_.go_on();
    say([](session& self) { self.read(); });
  }

  // A connection's end may come before the datagrams that were sent before it.
  void end_datagrams() {
    std::error_code ignored;
    socket_.close(ignored);
    timer_.expires_after(datagrams_behind_end);
    timer_.async_wait([self = shared_from_this()](std::error_code) {
      for (auto port : self->ports_) self->services_.opener.close_datagrams(port);
    });
  }

  void answer(const mux_refusal& why, const std::string& to) {
    refused(why, to);
    if (talk_.is_silent()) return tell_silent_one(socks_code(why.reason));
    output_ = socks_reply(why.reason, {});
    if (!ports_.empty()) return await_another_port();
    say([](session& self) { self.hang_up(); });
  }

  void refused(const mux_refusal& why, const std::string& to) const {
    services_.book->refused("socks", services_.self->node, to_string(from_), to, why);
  }

  template <class Then>
  void say(Then then) {
    asio::async_write(socket_, asio::buffer(output_),
                      [self = shared_from_this(), then](std::error_code error, std::size_t) {
                        error ? self->leave() : then(*self);
                      });
  }

  /// The application is gone; the timer would hold its place.
  void leave() { ports_.empty() ? void(timer_.cancel()) : end_datagrams(); }

  // What it still says is read: closed before that, its system would drop the answer.
  void hang_up() {
    std::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    timer_.expires_after(last_words);
    timer_.async_wait([self = shared_from_this()](std::error_code cancelled) {
      std::error_code closed;
      if (!cancelled) self->socket_.close(closed);
    });
    input_.resize(most_last_words);
    read_to_end();
  }

  void read_to_end() {
    socket_.async_read_some(asio::buffer(input_),
                            [self = shared_from_this()](std::error_code error, std::size_t) {
                              if (!error) return self->read_to_end();
                              self->timer_.cancel();
                              std::error_code ignored;
                              self->socket_.close(ignored);
                            });
  }

  tcp::socket socket_;
  asio::steady_timer timer_;
  endpoint from_;
  socks_services services_;
  socks_server talk_;
  bytes input_, output_;
  std::vector<std::size_t> ports_; ///< of datagrams
};

} // namespace

void tune_socks(tcp::acceptor& listener) { set_room(listener.native_handle(), small_room); }

void serve_socks(tcp::socket socket, const endpoint& from, const socks_services& services) {
  std::make_shared<session>(std::move(socket), from, services)->start();
}

} // namespace hublink
