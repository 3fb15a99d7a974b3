#include "protocol/base/work_pace.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;

TEST_CASE("a quarter of a second's worth may come at once, and then so much a second") {
  work_pace pace{100};
  work_pace::clock::time_point now{100s};
  for (int i = 0; i < 25; ++i) pace.spend(1, now);
  CHECK(pace.wait(now) == 0ms);
  pace.spend(10, now);
  CHECK(pace.wait(now) == 101ms);
  CHECK(pace.wait(now + 101ms) == 0ms);
}

TEST_CASE("whatever was made, nobody waits for longer than a second") {
  work_pace pace{100};
  work_pace::clock::time_point now{100s};
  pace.spend(1e9, now);
  CHECK(pace.wait(now) <= work_pace::longest_wait + 1ms);
  CHECK(pace.wait(now + 1001ms) == 0ms);
}

TEST_CASE("who always makes more gets no more through") {
  work_pace pace{1000};
  work_pace::clock::time_point now{100s}, end = now + 10s;
  int done = 0;
  while (now < end) {
    pace.spend(3, now);
    ++done;
    now += std::max<work_pace::clock::duration>(pace.wait(now), 10us);
  }
  CHECK(done <= (10 + 1) * 1000 / 3 + 10);
  CHECK(done >= 10 * 1000 / 3 - 10);
}
