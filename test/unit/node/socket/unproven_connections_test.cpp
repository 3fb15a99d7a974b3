#include "node/socket/unproven_connections.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;

TEST_CASE("the oldest unproven connection goes for a new one, first of the same source") {
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
  auto e = admit("z", 'e'), f = admit("y", 'f');
  CHECK(dropped == "ab");
  c.reset(); // has shown who it is
  auto g = admit("w", 'g');
  CHECK(dropped == "ab");
  CHECK(list->size() == 4);
  CHECK(list->next_deadline() == start + 5s);
  list->expire(start + 4s);
  CHECK(list->size() == 4);
  list->expire(start + 5s);
  CHECK(dropped == "abdefg");
}
