#include "actors/link/peer_connections.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;

namespace {
constexpr auto moment(std::chrono::milliseconds since) {
  return std::chrono::steady_clock::time_point{} + 1h + since;
}
} // namespace

TEST_CASE("a peer is in doubt when it owes a sign of life for three seconds, however often it is asked") {
  peer_connection over;
  over.heard = over.asked = moment(0s);
  CHECK_FALSE(over.is_in_doubt(moment(10s))); // nobody asked
  over.ask(moment(1s));
  CHECK_FALSE(over.is_in_doubt(moment(3s)));
  over.ask(moment(3s));
  CHECK_FALSE(over.is_in_doubt(moment(3999ms)));
  CHECK(over.is_in_doubt(moment(4s)));
  over.ask(moment(4500ms));
  CHECK(over.is_in_doubt(moment(4500ms)));
  over.heard = moment(5s);
  CHECK_FALSE(over.is_in_doubt(moment(20s)));
  over.ask(moment(30s));
  CHECK_FALSE(over.is_in_doubt(moment(32s)));
  CHECK(over.is_in_doubt(moment(33s)));
}
