#include "node/gateway/listeners.hpp"
#include "actors/gateway/gateway_policy.hpp"
#include "node/gateway/socks_session.hpp"

#include <algorithm>

#include <linux/netfilter_ipv4.h>

namespace hublink {

namespace {

constexpr int backlog = 4096;
constexpr int original_v6 = 80; // IP6T_SO_ORIGINAL_DST; its header does not go with <netinet/in.h>

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
                     stream_opener& opener, socks_users users)
    : context_(context), self_(std::move(self)), book_(std::move(book)), opener_(opener),
      login_(context, std::move(users)) {
  listeners_ = wanted_listeners();
}

listeners::~listeners() = default;

std::vector<std::shared_ptr<listeners::entrance>> listeners::wanted_listeners() {
  std::vector<std::shared_ptr<entrance>> wanted;
  if (!self_->proxy.enabled) return wanted;
  const auto& proxy = self_->proxy;
  for (const auto& gateway : proxy.gateways)
    if (gateway.calling == self_->node && !gateway.udp)
      wanted.push_back(make_listener(kind::gateway,
                                     {.name = gateway.name,
                                      .protocol = "tcp",
                                      .calling = gateway.calling,
                                      .called = gateway.called,
                                      .listen = to_string(gateway.listen),
                                      .deliver = to_string(gateway.deliver)},
                                     gateway.listen));
  if (proxy.socks)
    wanted.push_back(make_listener(kind::socks,
                                   {.name = "socks",
                                    .protocol = "socks5",
                                    .calling = self_->node,
                                    .called = proxy.called,
                                    .listen = to_string(*proxy.socks)},
                                   *proxy.socks));
  if (proxy.redirect)
    wanted.push_back(make_listener(kind::redirect,
                                   {.name = "redirect",
                                    .protocol = "tcp",
                                    .calling = self_->node,
                                    .called = proxy.called,
                                    .listen = to_string(*proxy.redirect)},
                                   *proxy.redirect));
  return wanted;
}

std::shared_ptr<listeners::entrance> listeners::make_listener(kind what, listener_report shown,
                                                              const endpoint& where) {
  auto called = what == kind::gateway ? shown.called : std::string{};
  tcp_listener::place at{.name = "gateway " + shown.name, .where = where, .backlog = backlog};
  auto port = std::make_shared<tcp_listener>(
      context_, std::move(at),
      [this, what, name = shown.name](tcp::acceptor& made) { tune(made, what, name); });
  return std::make_shared<entrance>(entrance{what, std::move(shown), std::move(called), where, port});
}

void listeners::define(definition_ptr self) {
  self_ = std::move(self);
  auto wanted = wanted_listeners();
  auto same = [](const entrance& a, const entrance& b) {
    return a.what == b.what && a.where == b.where && a.shown.name == b.shown.name && a.called == b.called &&
           a.shown.deliver == b.shown.deliver;
  };
  std::vector<std::shared_ptr<entrance>> kept;
  for (auto& old : listeners_) {
    auto again = std::find_if(wanted.begin(), wanted.end(),
                              [&](const auto& fresh) { return fresh && same(*old, *fresh); });
    if (again != wanted.end())
      old->port->tune_again(), kept.push_back(old), again->reset();
    else
      old->port->close();
  }
  for (auto& fresh : wanted) {
    if (!fresh) continue;
    static_cast<void>(fresh->port->open()); // it is tried again
    accept(fresh);
    kept.push_back(fresh);
  }
  listeners_ = std::move(kept);
}

void listeners::open() {
  for (auto& listener : listeners_) static_cast<void>(listener->port->open()); // it is tried again
}

void listeners::start() {
  for (auto& listener : listeners_) accept(listener);
}

// Its connections inherit it.
void listeners::tune(tcp::acceptor& acceptor, kind what, const std::string& name) {
  mux_target target;
  target.kind = what == kind::gateway ? mux_target::by::gateway : mux_target::by::address;
  target.name = name;
  tune_application(acceptor.native_handle(), life_of(*self_, target));
  if (what == kind::socks) tune_socks(acceptor);
}

void listeners::close() {
  for (auto& listener : listeners_) listener->port->close();
}

void listeners::accept(const std::shared_ptr<entrance>& listener) {
  listener->port->start(
      {.taken = [this, weak = std::weak_ptr(listener)](tcp::socket socket, const endpoint& from) {
        if (auto found = weak.lock()) take(*found, std::move(socket), from);
      }});
}

void listeners::take(entrance& listener, tcp::socket socket, const endpoint& from) {
  switch (listener.what) {
  case kind::socks:
    return take_socks(std::move(socket), from);
  case kind::redirect:
    return take_redirected(listener, std::move(socket), from);
  case kind::gateway:
    break;
  }
  mux_target target{mux_target::by::gateway, listener.shown.name};
  if (!has_room(listener.shown.name, listener.called, from)) return reset(socket);
  stream_report report;
  report.gateway = listener.shown.name;
  report.peer = listener.called;
  report.from = to_string(from);
  report.to = listener.shown.deliver;
  target.hops_left = opener_.hops_of(from);
  opener_.open_stream(
      listener.called, target,
      std::make_shared<gateway_stream>(std::move(socket), book_, book_->begin(std::move(report))));
}

bool listeners::has_room(const std::string& listener, const std::string& called, const endpoint& from) {
  if (book_->has_room(called, from, self_->proxy.streams)) return true;
  book_->refused(listener, called, to_string(from), "?",
                 {mux_reason::busy, "the application has as many streams to " + called + " as is its share"});
  return false;
}

// Who connects and stays silent holds a socket for a while: so not too many at once. Who has most of them
// makes room for others.
void listeners::take_socks(tcp::socket socket, const endpoint& from) {
  auto source = to_string(from.address);
  if (silent_->size() < most_silent || !silent_->has_most(source)) {
    auto place = silent_->admit(
        source, [] {}, std::chrono::steady_clock::now());
    return serve_socks(std::move(socket), from, {self_, book_, opener_, login_, std::move(place)});
  }
  book_->refused("socks", self_->node, to_string(from), "?",
                 {mux_reason::busy, "too many applications have not asked for anything yet"});
  reset(socket);
}

void listeners::take_redirected(entrance& listener, tcp::socket socket, const endpoint& from) {
  mux_target target{mux_target::by::address, {}};
  auto wanted = original_destination(socket, listener.where.address.v6);
  if (wanted) target.where = *wanted;
  auto peer = wanted ? called_for(*self_, target) : std::string{};
  auto to = wanted ? to_string(*wanted) : "?";
  if (peer.empty() || *wanted == listener.where) {
    book_->refused("redirect", self_->node, to_string(from), to,
                   {mux_reason::unreachable, "it was not redirected, or no gateway serves its destination"});
    return reset(socket);
  }
  if (!has_room("redirect", peer, from)) return reset(socket);
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
  for (const auto& listener : listeners_) {
    auto shown = listener->shown;
    shown.state = listener->port->is_open() ? "listening" : "failed";
    shown.reason = listener->port->reason();
    shown.streams = book_->open_of(shown.name, true);
    report.listeners.push_back(std::move(shown));
  }
}

} // namespace hublink
