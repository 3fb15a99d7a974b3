#include "node/process/own_places.hpp"

#include "node/socket/name_lookups.hpp"

namespace hublink {

outcome<endpoints> places_to_listen(const definition& self) {
  if (auto own = self.own_listens(); !own.empty()) return own;
  auto found = look_up_now(self.address.name);
  if (!found)
    return {errc::bad_config, "can't listen at " + to_string(self.address) + ": " + found.error().text +
                                  "; write \"listen\" in the topology of " + self.node};
  endpoints places;
  for (const auto& address : *found) places.push_back({address, self.address.port});
  return places;
}

} // namespace hublink
