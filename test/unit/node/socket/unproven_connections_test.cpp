#include "node/socket/unproven_connections.hpp"
#include "support/catch.hpp"

#include <vector>

using namespace hublink;
using namespace std::chrono_literals;

TEST_CASE("for a new unproven connection the oldest of its source goes, or one from where most come") {
  auto list = unproven_connections::make(4);
  unproven_connections::time_point start{100s};
  std::string dropped;
  auto admit = [&](const std::string& source, char name) {
    return list->admit(
        source, [&dropped, name] { dropped += name; }, start);
  };
  auto a = admit("x", 'a'), b = admit("y", 'b'), c = admit("x", 'c');
  auto d = admit("x", 'd');
  CHECK(dropped == "a");
  auto e = admit("z", 'e'), f = admit("v", 'f');
  CHECK(dropped == "ac");
  auto g = admit("w", 'g'); // as many from each: the oldest of all
  CHECK(dropped == "acb");
  e.reset(); // has shown who it is
  auto h = admit("u", 'h');
  CHECK(dropped == "acb");
  CHECK(list->size() == 4);
  CHECK(list->next_deadline() == start + 5s);
  list->expire(start + 4s);
  CHECK(list->size() == 4);
  list->expire(start + 5s);
  CHECK(dropped == "acbdfgh");
}

TEST_CASE("a flood from many addresses drops its own while one connection comes from another") {
  auto list = unproven_connections::make(64);
  unproven_connections::time_point now{100s};
  bool honest_dropped = false;
  auto honest = list->admit(
      "honest", [&] { honest_dropped = true; }, now);
  std::vector<std::shared_ptr<unproven_connections::ticket>> flood;
  for (int i = 0; i < 10'000; ++i)
    flood.push_back(list->admit(
        "f" + std::to_string(i % 8), [] {}, now));
  CHECK_FALSE(honest_dropped);
  CHECK(list->size() == 64);
}
