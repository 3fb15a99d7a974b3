#include "node/gateway/listeners.hpp"
#include "actors/gateway/gateway_policy.hpp"
#include "node/gateway/socks_session.hpp"

#include <asio/ip/v6_only.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

#include <linux/netfilter_ipv4.h>

namespace hublink {

namespace {

/// Out of descriptors, or an address that is not there yet.
constexpr std::chrono::milliseconds accept_again{100};
constexpr int backlog = 4096;
constexpr int most_silent = 1024; ///< applications at the SOCKS listener that have not asked yet
constexpr int original_v6 = 80;   // IP6T_SO_ORIGINAL_DST; its header does not go with <netinet/in.h>

/// Where a redirected connection was going (nftables' REDIRECT keeps it for the socket).
std::optional<endpoint> original_destination(tcp::socket& socket, bool v6) {
  sockaddr_storage found{};
  socklen_t size = sizeof found;
  auto level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
  auto name = v6 ? original_v6 : SO_ORIGINAL_DST;
  if (::getsockopt(socket.native_handle(), level, name, &found, &size) != 0) return {};
  tcp::endpoint where(v6 ? tcp::v6() : tcp::v4(), 0); // the kernel says no size
  std::memcpy(where.data(), &found, where.size());
  return from_asio(where);
}

} // namespace

listeners::listeners(asio::io_context& context, definition_ptr self, std::shared_ptr<stream_book> book,
                     stream_opener& opener, const std::string& data)
    : context_(context), self_(std::move(self)), book_(std::move(book)), opener_(opener) {
  doors_ = wanted_doors();
  auto users = socks_users::load(data);
  if (users)
    users_ = std::move(*users);
  else
    spdlog::warn("{}; SOCKS is served to loopback alone", users.error().text);
}

listeners::~listeners() = default;

std::vector<std::shared_ptr<listeners::door>> listeners::wanted_doors() {
  std::vector<std::shared_ptr<door>> doors;
  if (!self_->proxy.enabled) return doors;
  const auto& proxy = self_->proxy;
  for (const auto& one : proxy.gateways)
    if (one.calling == self_->node && !one.udp)
      doors.push_back(make_door(kind::gateway,
                                {one.name,
                                 "tcp",
                                 one.calling,
                                 one.called,
                                 to_string(one.listen),
                                 to_string(one.deliver),
                                 {},
                                 {},
                                 0},
                                one.listen));
  if (proxy.socks)
    doors.push_back(make_door(
        kind::socks, {"socks", "socks5", self_->node, proxy.called, to_string(*proxy.socks), {}, {}, {}, 0},
        *proxy.socks));
  if (proxy.redirect)
    doors.push_back(
        make_door(kind::redirect,
                  {"redirect", "tcp", self_->node, proxy.called, to_string(*proxy.redirect), {}, {}, {}, 0},
                  *proxy.redirect));
  return doors;
}

std::shared_ptr<listeners::door> listeners::make_door(kind what, listener_report shown,
                                                      const endpoint& where) {
  auto called = what == kind::gateway ? shown.called : std::string{};
  return std::make_shared<door>(door{what, std::move(shown), std::move(called), tcp::acceptor(context_),
                                     asio::steady_timer(context_), where});
}

void listeners::define(definition_ptr self) {
  self_ = std::move(self);
  auto wanted = wanted_doors();
  auto same = [](const door& a, const door& b) {
    return a.what == b.what && a.where == b.where && a.shown.name == b.shown.name && a.called == b.called &&
           a.shown.deliver == b.shown.deliver;
  };
  std::vector<std::shared_ptr<door>> kept;
  for (auto& old : doors_) {
    auto again =
        std::find_if(wanted.begin(), wanted.end(), [&](const auto& one) { return same(*old, *one); });
    if (again != wanted.end() && old->acceptor.is_open())
      kept.push_back(old), again->reset();
    else
      close_door(*old);
  }
  for (auto& fresh : wanted) {
    if (!fresh) continue;
    open_door(*fresh);
    if (fresh->acceptor.is_open()) accept(fresh);
    kept.push_back(fresh);
  }
  doors_ = std::move(kept);
}

void listeners::open() {
  for (auto& one : doors_) open_door(*one);
}

void listeners::start() {
  for (auto& one : doors_)
    if (one->acceptor.is_open()) accept(one);
}

void listeners::open_door(door& one) {
  std::error_code error;
  auto where = to_asio(one.where);
  one.acceptor.open(where.protocol(), error);
  if (!error) one.acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && one.where.address.v6) one.acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) one.acceptor.bind(where, error);
  if (!error) tune_application(one.acceptor);
  if (!error) one.acceptor.listen(backlog, error);
  one.shown.state = error ? "failed" : "listening";
  if (!error) return;
  one.shown.reason = error.message();
  spdlog::warn("gateway {} can't listen at {}: {}", one.shown.name, one.shown.listen, error.message());
  one.acceptor.close(error);
}

void listeners::close() {
  for (auto& one : doors_) close_door(*one);
}

void listeners::close_door(door& one) {
  std::error_code ignored;
  one.acceptor.close(ignored);
  one.pause.cancel();
}

void listeners::accept(const std::shared_ptr<door>& one) {
  one->acceptor.async_accept(one->from, [this, one](std::error_code error, tcp::socket socket) {
    if (!one->acceptor.is_open()) return;
    if (!error) {
      take(*one, std::move(socket), from_asio(one->from));
      return accept(one);
    }
    if (error == std::errc::connection_aborted) return accept(one);
    one->pause.expires_after(accept_again);
    one->pause.async_wait([this, one](std::error_code cancelled) {
      if (!cancelled && one->acceptor.is_open()) accept(one);
    });
  });
}

void listeners::take(door& one, tcp::socket socket, const endpoint& from) {
  switch (one.what) {
  case kind::socks:
    return take_socks(std::move(socket), from);
  case kind::redirect:
    return take_redirected(one, std::move(socket), from);
  case kind::gateway:
    break;
  }
  mux_target target{mux_target::by::gateway, one.shown.name};
  stream_report report;
  report.gateway = one.shown.name;
  report.peer = one.called;
  report.from = to_string(from);
  report.to = one.shown.deliver;
  target.hops_left = opener_.hops_of(from);
  opener_.open_stream(
      one.called, target,
      std::make_shared<gateway_stream>(std::move(socket), book_, book_->begin(std::move(report))));
}

// Who connects and stays silent holds a socket for a while: so not too many at once.
void listeners::take_socks(tcp::socket socket, const endpoint& from) {
  if (places_.use_count() <= most_silent)
    return serve_socks(std::move(socket), from, {self_, book_, opener_, users_, places_});
  book_->refused("socks", self_->node, to_string(from), "?",
                 {mux_reason::busy, "too many applications have not asked for anything yet"});
  reset(socket);
}

void listeners::take_redirected(door& one, tcp::socket socket, const endpoint& from) {
  mux_target target{mux_target::by::address, {}};
  auto wanted = original_destination(socket, one.where.address.v6);
  if (wanted) target.where = *wanted;
  auto peer = wanted ? called_for(*self_, target) : std::string{};
  auto to = wanted ? to_string(*wanted) : "?";
  if (peer.empty() || *wanted == one.where) {
    book_->refused("redirect", self_->node, to_string(from), to,
                   {mux_reason::unreachable, "it was not redirected, or no gateway serves its destination"});
    return reset(socket);
  }
  target.hops_left = opener_.hops_of(from);
  stream_report report;
  report.gateway = "redirect";
  report.peer = peer;
  report.from = to_string(from);
  report.to = to;
  opener_.open_stream(
      peer, target,
      std::make_shared<gateway_stream>(std::move(socket), book_, book_->begin(std::move(report))));
}

void listeners::fill(gateway_report& report) const {
  for (const auto& one : doors_) {
    auto shown = one->shown;
    shown.streams = book_->open_of(shown.name, true);
    report.listeners.push_back(std::move(shown));
  }
}

} // namespace hublink
