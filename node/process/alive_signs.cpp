#include "node/process/alive_signs.hpp"

#include "node/base/service_manager.hpp"

#include <caf/all.hpp>

namespace hublink {

alive_signs::alive_signs(asio::io_context& context, caf::actor_system& system)
    : timer_(context), system_(system) {
  if (auto limit = service_manager::wants_alive_within()) every_ = *limit / 2;
}

void alive_signs::begin() {
  if (every_ == decltype(every_){}) return;
  system_.spawn([](caf::event_based_actor*) { service_manager::tell_alive(); });
  timer_.expires_after(every_);
  timer_.async_wait([this](std::error_code cancelled) {
    if (!cancelled) begin();
  });
}

} // namespace hublink
