#include "actors/circuit/load_slot.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;

TEST_CASE("a node takes part in one load at a time") {
  auto slot = std::make_shared<load_slot>();
  const load_slot::clock::time_point now{1h};
  auto first = slot->take("ServerA", false, now);
  REQUIRE(first);
  auto second = slot->take("ServerA", false, now);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == errc::busy);
  CHECK(second.error().hop == "ServerA");
  (*first)->give_back(now + 10s);
  CHECK(slot->take("ServerA", false, now + 10s));
}

TEST_CASE("a load that is forgotten gives its place back") {
  auto slot = std::make_shared<load_slot>();
  const load_slot::clock::time_point now{1h};
  { auto held = slot->take("ServerA", true, now); }
  CHECK(slot->take("ServerA", true, now));
}

TEST_CASE("what clients and managers ask for takes half of a node's time") {
  auto slot = std::make_shared<load_slot>();
  const load_slot::clock::time_point now{1h};
  (*slot->take("ServerA", true, now))->give_back(now + 10s);
  auto early = slot->take("ServerA", true, now + 12s);
  REQUIRE_FALSE(early);
  CHECK(early.error().text.ends_with("in 8 s"));
  (*slot->take("ServerA", false, now + 12s))->give_back(now + 13s); // its own operator's is none of these
  CHECK_FALSE(slot->take("ServerA", true, now + 19s));
  CHECK(slot->take("ServerA", true, now + 20s));
}
