#include "actors/circuit/active_opens.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;

namespace {

open search(const char* id, std::uint32_t round = 0, std::vector<std::string> names = {}) {
  open request;
  request.open_id = id;
  request.destination = std::move(names);
  request.round = round;
  return request;
}

} // namespace

TEST_CASE("an open is active once, for as long as it is held") {
  active_opens opens;
  auto held = opens.enter(search("a").key());
  CHECK(held);
  CHECK_FALSE(opens.enter(search("a").key()));
  CHECK(opens.enter(search("b").key()));
  held.reset();
  CHECK(opens.enter(search("a").key()));
}

TEST_CASE("a dead end is one for the same search, until that is over") {
  active_opens opens;
  const active_opens::clock::time_point now{};
  CHECK_FALSE(opens.is_dead_end(search("a"), now));
  opens.note_dead_end(search("a"), now, now + 10s);
  CHECK(opens.is_dead_end(search("a"), now + 10s));
  CHECK_FALSE(opens.is_dead_end(search("a"), now + 11s));
  CHECK_FALSE(opens.is_dead_end(search("b"), now));
  CHECK_FALSE(opens.is_dead_end(search("a", 1), now));
}

TEST_CASE("what is over does not pile up") {
  active_opens opens;
  active_opens::clock::time_point now{};
  for (int i = 0; i < 20'000; ++i) {
    now += 1ms;
    opens.note_dead_end(search(std::to_string(i).c_str()), now, now + 100ms);
    CHECK(opens.dead_ends() <= 512);
  }
}

TEST_CASE("names that were told together are active each for itself") {
  active_opens opens;
  auto both = opens.enter(search("a", 0, {"H1", "H2"}).key());
  REQUIRE(both);
  CHECK_FALSE(opens.enter(search("a", 0, {"H2"}).key()));
  CHECK_FALSE(opens.enter(search("a", 0, {"H2", "H3"}).key()));
  CHECK(opens.enter(search("a", 0, {"H3"}).key()));
  CHECK(opens.enter(search("a").key()));
  CHECK(both->covers(search("a", 3, {"H2", "H3"}).key()));
  both->release("H2");
  CHECK_FALSE(both->covers(search("a", 3, {"H2", "H3"}).key()));
  auto rest = opens.enter_rest(search("a", 0, {"H1", "H2"}).key());
  CHECK_FALSE(opens.enter(search("a", 0, {"H2"}).key()));
  rest.reset();
  CHECK(opens.enter(search("a", 0, {"H2"}).key()));
  CHECK_FALSE(opens.enter(search("a", 0, {"H1"}).key()));
}

TEST_CASE("a dead end for one of several names is none for the others") {
  active_opens opens;
  const active_opens::clock::time_point now{};
  opens.note_dead_end(search("a", 0, {"H1", "H2"}), now, now + 10s);
  CHECK(opens.is_dead_end(search("a", 0, {"H1"}), now));
  CHECK(opens.is_dead_end(search("a", 0, {"H2", "H1"}), now));
  CHECK_FALSE(opens.is_dead_end(search("a", 0, {"H1", "H3"}), now));
}
