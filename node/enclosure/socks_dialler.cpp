#include "node/enclosure/socks_dialler.hpp"
#include "node/socket/connect.hpp"

#include <asio/read.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>

namespace hublink {

namespace {

/// Longer than a gateway takes to dial its link and a destination.
constexpr std::chrono::seconds patience{30};
const dial_settings gateway_dial{.timeout = std::chrono::seconds{10}, .bind = {}, .on_loopback = {}};

enum class socks_command : std::uint8_t { connect = 1, datagrams = 0x83, rules = 0x84 };

socks_answer answer_of(std::uint8_t reply) {
  switch (reply) {
  case 0:
    return socks_answer::granted;
  case 2:
    return socks_answer::forbidden;
  case 3:
    return socks_answer::no_gateway;
  case 5:
    return socks_answer::refused;
  case 6:
    return socks_answer::timed_out;
  default:
    return socks_answer::unreachable;
  }
}

void append(std::string& to, unsigned value) { to += static_cast<char>(value); }

/// Type, address and port.
void append(std::string& to, const socks_target& target) {
  if (auto* name = std::get_if<std::string>(&target.host)) {
    append(to, 3);
    append(to, static_cast<unsigned>(name->size()));
    to += *name;
  } else {
    const auto& address = std::get<ip_address>(target.host);
    append(to, address.v6 ? 4 : 1);
    to.append(reinterpret_cast<const char*>(address.octets.data()), std::size_t(address.width()) / 8);
  }
  append(to, target.port >> 8);
  append(to, target.port & 0xff);
}

/// In front of a request for datagrams, whose one byte of reply time-out is 0 then. Empty: that byte says it.
std::string datagram_rules(const socks_gateway& gateway) {
  if (!gateway.replies_extend && gateway.reply_timeout_s <= 0xff) return {};
  constexpr std::size_t size = 4 + 16 + 2; // port 0: for the request that follows
  std::string rules(size, '\0');
  auto put = [&](std::size_t at, unsigned value) { rules[at] = static_cast<char>(value); };
  put(0, 5);
  put(1, static_cast<unsigned>(socks_command::rules));
  put(3, 4);
  put(4, gateway.replies_extend ? 2 : 0);
  put(16, gateway.reply_timeout_s >> 8);
  put(17, gateway.reply_timeout_s & 0xff);
  return rules;
}

/// One talk with the gateway.
class socks_talk : public std::enable_shared_from_this<socks_talk> {
 public:
  socks_talk(asio::io_context& context, std::shared_ptr<const socks_gateway> gateway, socks_command command,
             const socks_target& target, socks_handler done)
      : context_(context), timer_(context), gateway_(std::move(gateway)), done_(std::move(done)) {
    const bool datagrams = command == socks_command::datagrams;
    if (datagrams) request_ = datagram_rules(*gateway_);
    const bool by_octet = datagrams && request_.empty();
    append(request_, 5);
    append(request_, static_cast<unsigned>(command));
    append(request_, by_octet ? gateway_->reply_timeout_s : 0);
    append(request_, target);
  }

  void start() {
    timer_.expires_after(patience);
    timer_.async_wait([self = shared_from_this()](std::error_code cancelled) {
      if (!cancelled) self->finish(socks_answer::timed_out);
    });
    connect_plainly(context_, {gateway_->where}, gateway_dial, [self = shared_from_this()](dialled to) {
      if (!to.socket || !self->done_) return self->finish(socks_answer::no_gateway);
      self->socket_ = std::move(to.socket);
      self->greet();
    });
  }

 private:
  void greet() {
    const bool by_password = !gateway_->user.empty();
    std::string words;
    append(words, 5);
    append(words, 1);
    append(words, by_password ? 2 : 0);
    say(std::move(words), 2, [by_password](socks_talk& own) {
      if (own.octet(0) != 5 || own.octet(1) != (by_password ? 2 : 0))
        own.finish(socks_answer::forbidden);
      else
        by_password ? own.log_in() : own.ask();
    });
  }

  void log_in() {
    std::string words;
    append(words, 1);
    append(words, static_cast<unsigned>(gateway_->user.size()));
    words += gateway_->user;
    append(words, static_cast<unsigned>(gateway_->password.view().size()));
    words += gateway_->password.view();
    say(std::move(words), 2,
        [](socks_talk& own) { own.octet(1) == 0 ? own.ask() : own.finish(socks_answer::forbidden); });
  }

  void ask() {
    say(std::move(request_), 4, [](socks_talk& own) {
      auto answer = answer_of(own.octet(1));
      const bool v6 = own.octet(3) == 4;
      own.read(v6 ? 18 : 6, [answer, v6](socks_talk& self) { self.take_bound(answer, v6); });
    });
  }

  void take_bound(socks_answer answer, bool v6) {
    const std::size_t width = v6 ? 16 : 4;
    bound_.address.v6 = v6;
    for (std::size_t i = 0; i < width; ++i) bound_.address.octets[i] = octet(i);
    bound_.port = static_cast<std::uint16_t>(octet(width) << 8 | octet(width + 1));
    finish(answer);
  }

  using step = std::function<void(socks_talk&)>;

  void say(std::string words, std::size_t awaited, step then) {
    words_ = std::move(words);
    asio::async_write(*socket_, asio::buffer(words_),
                      [self = shared_from_this(), awaited, then](std::error_code failed, std::size_t) {
                        OPENSSL_cleanse(self->words_.data(), self->words_.size());
                        if (failed || !self->done_) return self->finish(socks_answer::no_gateway);
                        self->read(awaited, then);
                      });
  }

  void read(std::size_t awaited, step then) {
    asio::async_read(*socket_, asio::buffer(heard_, awaited),
                     [self = shared_from_this(), then](std::error_code failed, std::size_t) {
                       if (failed || !self->done_) return self->finish(socks_answer::no_gateway);
                       then(*self);
                     });
  }

  unsigned octet(std::size_t at) const { return heard_[at]; }

  void finish(socks_answer answer) {
    auto done = std::exchange(done_, nullptr);
    if (!done) return;
    timer_.cancel();
    if (answer != socks_answer::granted) {
      std::error_code ignored;
      if (socket_) socket_->close(ignored);
      socket_ = nullptr;
    }
    done(answer, std::move(socket_), bound_);
  }

  asio::io_context& context_;
  asio::steady_timer timer_;
  std::shared_ptr<const socks_gateway> gateway_;
  socks_handler done_; ///< empty once over
  std::string request_, words_;
  std::array<unsigned char, 18> heard_{};
  std::shared_ptr<tcp::socket> socket_;
  endpoint bound_;
};

} // namespace

void socks_connect(asio::io_context& context, std::shared_ptr<const socks_gateway> gateway,
                   const socks_target& target, socks_handler done) {
  std::make_shared<socks_talk>(context, std::move(gateway), socks_command::connect, target, std::move(done))
      ->start();
}

void socks_datagrams(asio::io_context& context, std::shared_ptr<const socks_gateway> gateway,
                     const socks_target& target, socks_handler done) {
  std::make_shared<socks_talk>(context, std::move(gateway), socks_command::datagrams, target, std::move(done))
      ->start();
}

} // namespace hublink
