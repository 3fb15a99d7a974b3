#include "actors/link/redial_pause.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;

TEST_CASE("a kept link is dialled after pauses that double, up to a limit, and anew once it was up") {
  const redial_pause::clock::time_point begin{1h};
  const link_timing timing;
  redial_pause pause;
  CHECK(pause.is_over(begin));
  CHECK(pause.next(timing, 0, begin) == 200ms);
  CHECK_FALSE(pause.is_over(begin + 199ms));
  CHECK(pause.is_over(begin + 200ms));
  CHECK(pause.next(timing, 0, begin) == 400ms);
  for (int i = 0; i < 10; ++i) pause.next(timing, 0, begin);
  CHECK(pause.next(timing, 0, begin) == timing.redial_limit);
  pause.forget();
  CHECK(pause.next(timing, 0, begin) == 200ms);
}

TEST_CASE("a pause is jittered by up to half of it") {
  const link_timing timing;
  for (std::uint64_t random : {1u, 50u, 100u, 101u, 12345u}) {
    redial_pause pause;
    auto first = pause.next(timing, random, {});
    CHECK(first >= 200ms);
    CHECK(first <= 300ms);
  }
}
