#include "actors/circuit/active_opens.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;

namespace {

open search(const char* id, std::uint32_t round = 0) {
  open request;
  request.open_id = id;
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
