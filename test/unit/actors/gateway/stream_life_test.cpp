#include "actors/gateway/stream_life.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;

TEST_CASE("how long a connection counts as alive is said by its gateway, else by the server", "[gateway]") {
  definition self;
  gateway_definition db;
  db.name = "db";
  self.proxy.gateways = {db};
  const mux_target named{mux_target::by::gateway, "db"}, address{mux_target::by::address, {}};
  auto life = life_of(self, named);
  CHECK(life.keep_alive == 60s);
  CHECK(life.half_closed == 120s);
  self.proxy.keep_alive_s = 20;
  self.proxy.half_closed_s = 7;
  CHECK(life_of(self, address).keep_alive == 20s);
  self.proxy.gateways[0].keep_alive_s = 5;
  self.proxy.gateways[0].half_closed_s = 0;
  life = life_of(self, named);
  CHECK(life.keep_alive == 5s);
  CHECK(life.half_closed == 0s);
  CHECK(life_of(self, address).half_closed == 7s);
}
