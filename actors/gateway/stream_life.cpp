#include "actors/gateway/stream_life.hpp"

namespace hublink {

stream_life life_of(const definition& self, const mux_target& target) {
  stream_life life;
  auto take = [&](const auto& from) {
    if (from.keep_alive_s) life.keep_alive = std::chrono::seconds(*from.keep_alive_s);
    if (from.half_closed_s) life.half_closed = std::chrono::seconds(*from.half_closed_s);
  };
  take(self.proxy);
  if (target.kind != mux_target::by::gateway) return life;
  for (const auto& gateway : self.proxy.gateways)
    if (gateway.name == target.name) take(gateway);
  return life;
}

} // namespace hublink
