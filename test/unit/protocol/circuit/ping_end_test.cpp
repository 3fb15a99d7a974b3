#include "protocol/circuit/ping_end.hpp"
#include "support/catch.hpp"

using namespace hublink;

TEST_CASE("a ping is done at once, and carries nothing") {
  auto end = make_ping_end();
  auto over = std::get<finish>(end->next());
  CHECK(over.result);
  REQUIRE(end->inbox().size() > 0);
  end->received(1);
  auto stray = std::get<finish>(end->next());
  REQUIRE_FALSE(stray.result);
  CHECK(stray.result.error().code == errc::bad_message);
}
