#include "node/plane/acceptor.hpp"

#include "protocol/base/special_addresses.hpp"
#include "protocol/circuit/preamble.hpp"
#include "protocol/trust/enrolment.hpp"

#include <asio/read.hpp>

#include <algorithm>

namespace hublink {

namespace {
/// Of handshakes that nobody asked for lately; more of them at once would hold up what else the thread does.
constexpr std::chrono::milliseconds most_saved_up{40};

/// `[::]` is all of the machine, unless IPv4 addresses with that port are named beside it.
bool takes_v4_too(const endpoint& one, const endpoints& all) {
  return one.address.v6 && is_unspecified(one.address) &&
         std::none_of(all.begin(), all.end(),
                      [&](const auto& other) { return !other.address.v6 && other.port == one.port; });
}

} // namespace

/// A connection of which nothing is known yet.
class acceptor::caller : public std::enable_shared_from_this<acceptor::caller> {
 public:
  caller(tcp::socket socket, std::string source, acceptor& of)
      : socket_(std::move(socket)), source_(std::move(source)), of_(of), events_(of.events_) {}

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
    if (auto number = std::exchange(waits_, 0)) of_.handshakes_.erase(source_, number);
  }
  void shake() {
    waits_ = 0;
    events_->link(std::move(socket_), std::move(ticket_));
  }

 private:
  void look() {
    std::byte first{};
    std::error_code error;
    auto size = socket_.receive(asio::buffer(&first, 1), tcp::socket::message_peek, error);
    if (error || size == 0) return drop();
    if (first == tls_handshake_byte) {
      waits_ = of_.handshakes_.put(source_, shared_from_this());
      return of_.shake_next();
    }
    if (first == preamble_.front()) return read_preamble_bytes();
    if (first == enrolment_first_byte && events_->enrolment)
      return events_->enrolment(std::move(socket_), source_, std::move(ticket_));
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
  std::string source_;
  acceptor& of_;
  std::shared_ptr<handler> events_;
  std::uint64_t waits_ = 0; ///< its number among those that wait for their handshake
  std::shared_ptr<unproven_connections::ticket> ticket_;
  std::array<std::byte, preamble_size> preamble_ = make_preamble({}); ///< its first byte, until one was read
};

acceptor::acceptor(asio::io_context& context, limits most, handler events)
    : context_(context), unproven_(unproven_connections::make(most.unproven)),
      events_(std::make_shared<handler>(std::move(events))),
      handshake_takes_(std::chrono::microseconds(std::chrono::seconds{1}) / most.handshakes),
      deadline_(context), next_handshake_(context) {}

outcome<> acceptor::open(const endpoints& where) {
  std::string reasons;
  bool listens = false;
  for (const auto& each : where) {
    auto made =
        std::make_shared<tcp_listener>(context_, tcp_listener::place{.name = "this node",
                                                                     .where = each,
                                                                     .of = entrance_kind::node,
                                                                     .v4_too = takes_v4_too(each, where)});
    auto opened = made->open();
    if (!opened) reasons += (reasons.empty() ? "" : ", ") + to_string(each) + ": " + opened.error().text;
    listens = listens || opened;
    listeners_.push_back(std::move(made));
  }
  if (listens) return {};
  return {errc::bad_config, "can't listen on " + (reasons.empty() ? "no address" : reasons)};
}

endpoints acceptor::local() const {
  endpoints all;
  for (const auto& each : listeners_)
    if (each->is_open()) all.push_back(each->local());
  return all;
}

void acceptor::start() {
  for (const auto& each : listeners_)
    each->start(
        {.taken = [this](tcp::socket socket, const endpoint& from) { welcome(std::move(socket), from); },
         .make_room = [this] { return unproven_->drop_one(); }});
}

void acceptor::close() {
  for (const auto& each : listeners_) each->close();
  deadline_.cancel();
  next_handshake_.cancel();
  while (unproven_->drop_one()) {
  }
}

void acceptor::welcome(tcp::socket socket, const endpoint& from) {
  tune(socket, data_patience);
  const auto source = to_string(from.address);
  auto connection = std::make_shared<caller>(std::move(socket), source, *this);
  auto drop = [weak = std::weak_ptr(connection)] {
    if (auto found = weak.lock()) found->drop();
  };
  connection->start(unproven_->admit(source, std::move(drop), std::chrono::steady_clock::now()));
  watch_time();
}

// A handshake costs this thread a thousand times what it costs to ask for one. One at a time, so that what
// else the thread has to do waits for one of them at most.
void acceptor::shake_next() {
  if (shaking_) return;
  auto now = std::chrono::steady_clock::now();
  handshake_due_ = std::max(handshake_due_, now - most_saved_up);
  if (handshake_due_ <= now) {
    auto next = handshakes_.take();
    if (!next) return;
    handshake_due_ += handshake_takes_;
    (*next)->shake();
  }
  if (handshakes_.size() == 0) return;
  shaking_ = true;
  next_handshake_.expires_at(handshake_due_);
  next_handshake_.async_wait([this](std::error_code cancelled) {
    shaking_ = false;
    if (!cancelled) shake_next();
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
