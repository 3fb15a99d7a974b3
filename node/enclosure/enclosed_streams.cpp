#include "node/enclosure/enclosed_streams.hpp"
#include "node/circuit/splicer.hpp"
#include "node/enclosure/name_session.hpp"
#include "node/socket/connect.hpp"

#include <asio/steady_timer.hpp>

#include <netinet/tcp.h>

namespace hublink {

namespace {

constexpr std::size_t most_attempts = 16'384;
constexpr std::chrono::seconds comes_within{10};
const dial_settings direct_dial{
    .timeout = std::chrono::seconds{130}, .bind = {}, .on_loopback = {}}; // as long as the kernel tries

/// Nothing: no packet says so; who asks goes on asking, until its own time is over.
std::optional<packet_mark> mark_of(socks_answer answer) {
  switch (answer) {
  case socks_answer::granted:
    return packet_mark::admitted;
  case socks_answer::refused:
    return packet_mark::refused;
  case socks_answer::forbidden:
    return packet_mark::prohibited;
  case socks_answer::no_gateway:
    return packet_mark::no_route;
  case socks_answer::unreachable:
    return packet_mark::host_unreachable;
  case socks_answer::timed_out:
    break;
  }
  return {};
}

std::optional<packet_mark> mark_of(std::error_code failed) {
  if (!failed) return packet_mark::admitted;
  if (failed == std::errc::timed_out) return {};
  if (failed == std::errc::connection_refused) return packet_mark::refused;
  if (failed == std::errc::network_unreachable) return packet_mark::no_route;
  return packet_mark::host_unreachable;
}

void send_at_once(tcp::socket& socket) {
  std::error_code ignored; // a broken one says so at its first use
  socket.native_non_blocking(true, ignored);
  socket.set_option(tcp::no_delay(true), ignored);
}

} // namespace

enclosed_streams::enclosed_streams(asio::io_context& context, own_network& network,
                                   const surroundings& around, name_answers& names)
    : context_(context), around_(around), names_(names),
      door_(context, network,
            {[this](opening_segment segment) { opening(std::move(segment)); },
             [this](const endpoint& from, const endpoint& to, tcp::socket socket) {
               opened({from, to}, std::move(socket));
             }}) {}

void enclosed_streams::opening(opening_segment segment) {
  const ends which{segment.from, segment.to};
  if (around_.name_servers.contains(segment.to)) return door_.send(segment, packet_mark::admitted);
  if (auto known = attempts_.find(which); known != attempts_.end()) {
    if (known->second.far) door_.send(segment, packet_mark::admitted); // its first one was lost
    return;
  }
  const bool has_name = names_.behind(segment.to.address) != nullptr;
  const auto way = has_name ? way_out::gateway : around_.ways.of(segment.to);
  if (way == way_out::inside || attempts_.size() == most_attempts) return;
  if (way == way_out::none) return door_.send(segment, packet_mark::prohibited);
  auto [made, _] = attempts_.emplace(which, attempt{.segment = std::move(segment)});
  if (way == way_out::gateway) return dial(made->second.segment);
  connect_plainly(context_, {which.second}, direct_dial,
                  [this, which](dialled far) { answered(which, mark_of(far.error), std::move(far.socket)); });
}

void enclosed_streams::dial(const opening_segment& segment) {
  socks_target target{segment.to.address, segment.to.port};
  if (auto* name = names_.behind(segment.to.address)) target.host = *name;
  socks_connect(context_, around_.gateway, target,
                [this, which = ends{segment.from, segment.to}](
                    socks_answer answer, std::shared_ptr<tcp::socket> far, const endpoint&) {
                  answered(which, mark_of(answer), std::move(far));
                });
}

void enclosed_streams::answered(const ends& which, std::optional<packet_mark> mark,
                                std::shared_ptr<tcp::socket> far) {
  auto known = attempts_.find(which);
  if (known == attempts_.end()) return;
  if (mark) door_.send(known->second.segment, *mark);
  if (mark != packet_mark::admitted) {
    attempts_.erase(known);
    return;
  }
  known->second.far = std::move(far);
  auto timer = std::make_shared<asio::steady_timer>(context_, comes_within);
  timer->async_wait([this, which](std::error_code cancelled) {
    if (!cancelled) attempts_.erase(which);
  });
  known->second.guard = std::move(timer);
}

void enclosed_streams::opened(const ends& which, tcp::socket near) {
  send_at_once(near);
  if (around_.name_servers.contains(which.second)) return serve_names(std::move(near), names_);
  auto known = attempts_.find(which);
  if (known == attempts_.end() || !known->second.far) return reset(near);
  auto far = std::move(*known->second.far);
  attempts_.erase(known);
  send_at_once(far);
  std::make_shared<splicer>(std::move(near), std::move(far), pipes_, [](const splicer::report&) {})->start();
}

} // namespace hublink
