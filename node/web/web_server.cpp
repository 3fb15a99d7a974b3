#include "node/web/web_server.hpp"
#include "node/base/io_thread.hpp"

#include <asio/post.hpp>

#include <algorithm>
#include <pthread.h>

namespace hublink {

namespace {

constexpr std::size_t most_connections = 512;

} // namespace

web_server::web_server() : work_(asio::make_work_guard(*context_)) {}

outcome<> web_server::open(place at) {
  auto listener = std::make_shared<tcp_listener>(
      *context_, tcp_listener::place{at.name, at.where, entrance_kind::application});
  auto opened = listener->open();
  if (!opened)
    return {errc::bad_config, "can't listen at " + to_string(at.where) + " (" + at.name +
                                  " in local.json): " + opened.error().text};
  places_.emplace_back(std::move(at), std::move(listener));
  return {};
}

void web_server::start() {
  for (auto& [at, listener] : places_)
    listener->start(
        {[this, &at = at](tcp::socket socket, const endpoint& from) { take(at, std::move(socket), from); },
         [this] { return make_room(); }});
  runner_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "hublink-web");
    run_handlers(*context_, "web thread", [this] { context_->run(); });
  });
}

void web_server::stop() {
  if (runner_.joinable()) {
    asio::post(*context_, [this] {
      for (auto& [at, listener] : places_) listener->close();
      for (const auto& each : std::set(connections_)) each->close();
      context_->stop();
    });
    runner_.join();
  }
  places_.clear();
}

void web_server::take(const place& at, tcp::socket socket, const endpoint& from) {
  if (connections_.size() >= most_connections && !make_room()) return reset(socket);
  auto made = std::make_shared<web_connection>(
      *context_, thread(), std::move(socket), at.tls, to_string(from.address), at.service,
      [this](const std::shared_ptr<web_connection>& over) { connections_.erase(over); });
  connections_.insert(made);
  by_age_.push_back(made);
  made->start();
}

// Who has never asked for anything goes before who waits with a connection that was of use; who is being
// answered stays.
bool web_server::make_room() {
  std::erase_if(by_age_, [](const auto& each) { return each.expired(); });
  for (auto fits : {&web_connection::is_silent, &web_connection::is_waiting})
    for (const auto& each : by_age_)
      if (auto connection = each.lock();
          connection && connections_.count(connection) && ((*connection).*fits)()) {
        connection->close();
        return true;
      }
  return false;
}

} // namespace hublink
