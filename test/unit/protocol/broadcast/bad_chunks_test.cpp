#include "support/catch.hpp"

#include "protocol/broadcast/bad_chunks.hpp"

using namespace hublink;
using namespace std::chrono_literals;

TEST_CASE("a chunk is bad the second time in a row") {
  bad_chunks bad;
  CHECK_FALSE(bad.blame(5, 0ms));
  CHECK_FALSE(bad.blame(6, 0ms));
  CHECK(bad.blame(6, 0ms));
  CHECK_FALSE(bad.blame(6, 0ms));
  CHECK(bad.from_above() == 0);
}

TEST_CASE("what was fetched again and is no better is bad from above, until the next attempt") {
  bad_chunks bad;
  CHECK(bad.blame_by_point(6, 0ms));
  CHECK(bad.from_above() == 0);
  CHECK(bad.blame_by_point(6, 0ms));
  CHECK(bad.from_above() == 6);
  bad.begin_attempt();
  CHECK(bad.from_above() == 0);
}

TEST_CASE("chunks are discarded three times at once, and then once in ten minutes") {
  bad_chunks bad;
  auto is_discarded = [&](std::chrono::milliseconds now) { return bad.blame_by_point(1, now); };
  for (int i = 0; i < 3; ++i) CHECK(is_discarded(1h));
  struct {
    std::chrono::milliseconds now;
    bool discarded;
  } const rows[] = {
      {1h, false},         {1h + 599'999ms, false}, {1h + 10min, true},  {1h + 10min, false},
      {1h + 19min, false}, {1h + 20min, true},      {1h + 25min, false}, {1h + 45min, true},
      {1h + 45min, true},  {1h + 49min, false},     {1h + 50min, true},  {1h + 50min, false},
  };
  for (const auto& [now, discarded] : rows) {
    INFO(now.count());
    CHECK(is_discarded(now) == discarded);
  }
}

TEST_CASE("however long one lies, his words count once in ten minutes") {
  bad_chunks bad;
  int discarded = 0;
  for (auto now = 0ms; now < 24h; now += 1s) discarded += bad.blame(1, now);
  CHECK(discarded == 3 + 24 * 6 - 1);
}

TEST_CASE("after a quiet while it is three times again, and no more") {
  bad_chunks bad;
  for (int i = 0; i < 3; ++i) CHECK(bad.blame_by_point(1, 0ms));
  for (int i = 0; i < 3; ++i) CHECK(bad.blame_by_point(2, 24h));
  CHECK_FALSE(bad.blame_by_point(2, 24h));
}
