#include "node/socket/connect.hpp"

#include "node/socket/slow_addresses.hpp"
#include "protocol/base/special_addresses.hpp"

#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include <netinet/in.h>

#include <algorithm>

namespace hublink {
namespace {

/// RFC 8305's connection attempt delay; less where it would leave no time for the last address.
constexpr std::chrono::milliseconds longest_step{250}, shortest_step{10};

std::optional<ip_address> of_family(const std::vector<ip_address>& all, bool v6) {
  auto found = std::find_if(all.begin(), all.end(), [v6](const auto& each) { return each.v6 == v6; });
  return found == all.end() ? std::nullopt : std::optional{*found};
}

/// How much an error says of the machine that was dialled.
int weight(std::error_code error) {
  switch (error.value()) { // asio's category does not answer for all conditions
  case ECONNREFUSED:
  case ECONNRESET:
    return 3;
  case ETIMEDOUT:
    return 2;
  case EHOSTUNREACH:
    return 1;
  default:
    return 0;
  }
}

/// A node that is stopped says so, by its system; a line that is down says nothing.
errc code_of(std::error_code error) {
  bool refused = error == asio::error::connection_refused || error == asio::error::connection_reset;
  return refused ? errc::hop_down : errc::line_down;
}

/// The addresses of one machine, dialled until one answers.
class race : public std::enable_shared_from_this<race> {
 public:
  race(asio::io_context& context, endpoints where, dial_settings how, std::function<void(dialled)> done)
      : context_(context), where_(std::move(where)), how_(std::move(how)), done_(std::move(done)),
        limit_(context), pause_(context) {}

  void start() {
    limit_.expires_after(how_.timeout);
    limit_.async_wait([self = shared_from_this()](std::error_code cancelled) {
      if (!cancelled) self->time_out();
    });
    if (where_.empty()) return fail_later(asio::error::host_not_found);
    dial_next();
  }

 private:
  struct attempt {
    endpoint where;
    std::shared_ptr<tcp::socket> socket;
    std::optional<std::string> failed;
  };

  void dial_next() {
    if (!done_ || attempts_.size() == where_.size()) return;
    const auto number = attempts_.size();
    auto& made = attempts_.emplace_back(attempt{where_[number], std::make_shared<tcp::socket>(context_), {}});
    auto socket = made.socket;
    if (auto why = prepare(made))
      return asio::post(context_, [self = shared_from_this(), number, why] { self->ended(number, *why); });
    socket->async_connect(to_asio(made.where), [self = shared_from_this(), number](std::error_code error) {
      self->ended(number, error);
    });
    std::error_code unbound;
    auto local = socket->local_endpoint(unbound);
    if (how_.begun && !unbound) how_.begun(from_asio(local));
    if (attempts_.size() == where_.size()) return;
    pause_.expires_after(std::clamp(how_.timeout / int(where_.size() + 1), shortest_step, longest_step));
    pause_.async_wait([self = shared_from_this()](std::error_code cancelled) {
      if (!cancelled) self->dial_next();
    });
  }

  std::optional<std::error_code> prepare(attempt& made) {
    std::error_code error;
    made.socket->open(to_asio(made.where).protocol(), error);
    if (error) return error;
    auto source = how_.source_for(made.where.address);
    if (!source) return {};
    int on = 1; // the port is chosen at connect: one may serve many destinations
    ::setsockopt(made.socket->native_handle(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    made.socket->bind(to_asio({*source, 0}), error);
    if (!error) return {};
    made.failed = "can't come from " + to_string(*source) + ": " + error.message();
    return error;
  }

  void ended(std::size_t number, std::error_code error) {
    if (!done_) return;
    auto& one = attempts_[number];
    if (!error && is_to_itself(one)) {
      reset(*one.socket); // nothing may keep the port from the service that is dialled
      error = asio::error::connection_refused;
    }
    if (!error) return succeed(one);
    if (!one.failed) one.failed = error.message();
    note(error);
    std::error_code ignored;
    one.socket->close(ignored);
    bool waits =
        std::any_of(attempts_.begin(), attempts_.end(), [](const auto& each) { return !each.failed; });
    if (attempts_.size() < where_.size()) return dial_next();
    if (!waits) fail();
  }

  static bool is_to_itself(const attempt& one) {
    std::error_code error;
    return one.socket->local_endpoint(error) == to_asio(one.where) && !error;
  }

  void note(std::error_code error) {
    if (!error_ || weight(error) > weight(error_)) error_ = error;
  }

  void time_out() {
    if (!done_) return;
    const auto silent = std::make_error_code(std::errc::timed_out);
    for (auto& each : attempts_)
      if (!each.failed) each.failed = silent.message(), note(silent);
    fail();
  }

  void fail_later(std::error_code error) {
    asio::post(context_, [self = shared_from_this(), error] {
      self->note(error);
      self->fail();
    });
  }

  void fail() {
    dialled what;
    what.error = error_;
    for (const auto& each : attempts_) {
      what.text += (what.text.empty() ? "" : ", ") + to_string(each.where) + ": " + each.failed.value_or("");
      what.where = each.where;
    }
    if (attempts_.empty()) what.text = "no address";
    finish(std::move(what));
  }

  void succeed(const attempt& one) {
    if (where_.size() > 1) remember(one);
    finish({.socket = one.socket, .where = one.where});
  }

  void remember(const attempt& one) const {
    const auto now = slow_addresses::clock::now();
    for (const auto& each : attempts_)
      if (&each == &one)
        slow_addresses::of_process().forget(each.where);
      else
        slow_addresses::of_process().note(each.where, now);
  }

  void finish(dialled what) {
    auto done = std::exchange(done_, nullptr);
    limit_.cancel();
    pause_.cancel();
    std::error_code ignored;
    for (auto& each : attempts_)
      if (each.socket != what.socket) each.socket->close(ignored);
    if (done) done(std::move(what));
  }

  asio::io_context& context_;
  endpoints where_;
  dial_settings how_;
  std::function<void(dialled)> done_;
  asio::steady_timer limit_, pause_;
  std::vector<attempt> attempts_;
  std::error_code error_;
};

} // namespace

std::optional<ip_address> dial_settings::source_for(const ip_address& destination) const {
  return of_family(is_loopback(destination) ? on_loopback : bind, destination.v6);
}

dial_settings dialling_of(const definition& self) {
  dial_settings how;
  how.bind = self.bind;
  for (const auto& each : self.bind)
    if (is_loopback(each)) how.on_loopback.push_back(each);
  if (auto own = self.address.known_address(); own && is_loopback(*own)) how.on_loopback.push_back(*own);
  for (const auto& where : self.own_listens())
    if (is_loopback(where.address)) how.on_loopback.push_back(where.address);
  return how;
}

endpoints without(endpoints all, const endpoint& one) {
  std::erase(all, one);
  return all;
}

void connect_plainly(asio::io_context& context, endpoints where, const dial_settings& how,
                     std::function<void(dialled)> done) {
  if (where.size() > 1)
    where = slow_addresses::of_process().order(std::move(where), slow_addresses::clock::now());
  std::make_shared<race>(context, std::move(where), how, std::move(done))->start();
}

void connect(asio::io_context& context, endpoints where, const dial_settings& how,
             std::function<void(outcome<connection>)> done) {
  connect_plainly(context, std::move(where), how, [done = std::move(done)](dialled what) {
    if (!what.socket) return done(failure{code_of(what.error), {}, "can't reach " + what.text});
    tune(*what.socket, data_patience);
    done(connection{std::move(what.socket), what.where});
  });
}

} // namespace hublink
