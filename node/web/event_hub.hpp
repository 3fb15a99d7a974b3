#pragma once
/// A manager's live events for who reads them over HTTP: one feed a user, into one ring that all of his
/// readers share. It goes on for a while without any, so that who comes again finds his place. Of the
/// server's thread.
#include "node/control/control_services.hpp"
#include "node/web/event_source.hpp"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <map>
#include <memory>
#include <string>

namespace hublink {

class event_hub {
 public:
  event_hub(asio::io_context& context, web_thread thread, caf::actor_system& system)
      : context_(context), thread_(std::move(thread)), system_(system) {}
  ~event_hub();

  /// `key`: who shares it. `services`: with the user who reads. `user`: by whose sessions.
  event_reader join(const std::string& key, const control_services& services, const std::string& user);
  void stop();

 private:
  class feed;

  asio::io_context& context_;
  const web_thread thread_;
  caf::actor_system& system_;
  std::map<std::string, std::shared_ptr<feed>> feeds_;
};

} // namespace hublink
