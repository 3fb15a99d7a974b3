#include "node/gateway/awake_time.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;

namespace {

constexpr awake_time::clock::time_point awake_start{1h};

/// After how long a look would be taken again.
std::chrono::milliseconds pause_from(const awake_time& awake, awake_time::clock::time_point from) {
  auto at = from;
  while (!awake.stays(at, at)) at += 1ms;
  return std::chrono::duration_cast<std::chrono::milliseconds>(at - from);
}

} // namespace

TEST_CASE("a thread looks for more for a while, then sleeps") {
  awake_time awake;
  CHECK(awake.stays(awake_start, awake_start));
  CHECK(awake.stays(awake_start, awake_start + 49us));
  CHECK_FALSE(awake.stays(awake_start, awake_start + 50us));
  awake.let_others(awake_start, awake_start + 20us); // the one that it waits for
  CHECK(awake.stays(awake_start, awake_start + 30us));
}

TEST_CASE("where others use up their slices it sleeps at once, and looks again ever less often") {
  awake_time awake;
  auto now = awake_start;
  for (auto pause : {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 6400ms, 10'000ms, 10'000ms}) {
    awake.let_others(now, now + 3ms);
    now += 3ms;
    CHECK_FALSE(awake.stays(now, now));
    CHECK(pause_from(awake, now) == pause);
    now += pause;
  }
}

TEST_CASE("once nobody takes a slice any more it is as before") {
  awake_time awake;
  awake.let_others(awake_start, awake_start + 3ms);
  auto now = awake_start + 103ms;
  awake.let_others(now, now + 3ms);
  CHECK(pause_from(awake, now + 3ms) == 200ms);
  now += 203ms;
  awake.let_others(now, now + 10us); // it may be chance
  CHECK(awake.stays(now, now + 10us));
  awake.let_others(now + 100ms, now + 100ms + 10us);
  awake.let_others(now + 200ms, now + 203ms);
  CHECK(pause_from(awake, now + 203ms) == 100ms);
}
