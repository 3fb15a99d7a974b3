#include "actors/node/refused_opens.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;

namespace {
const refused_opens::time noon{1h};
}

TEST_CASE("the first refusals are written down, the rest is summed up") {
  refused_opens all;
  for (int i = 0; i < repeat_tally::said_of_each; ++i) CHECK(all.note("", errc::busy, noon));
  CHECK_FALSE(all.owes());
  for (int i = 0; i < 5; ++i) CHECK_FALSE(all.note("", errc::busy, noon + 1s));
  CHECK(all.owes(""));
  CHECK(all.take_sums("S1", "S2", noon + 2s, false).empty());
  auto sums = all.take_sums("S1", "S2", noon + 60s, false);
  REQUIRE(sums.size() == 1);
  CHECK(sums[0].reason == "5 more opens of S2 in the last minute: busy");
  CHECK_FALSE(all.owes());
}

TEST_CASE("who asks behind a neighbour is counted apart") {
  refused_opens all;
  all.count("behind", errc::no_route, noon);
  CHECK(all.owes("behind"));
  CHECK_FALSE(all.owes(""));
  auto sums = all.take_sums("S1", "S2", noon, true);
  REQUIRE(sums.size() == 1);
  CHECK(sums[0].reason == "1 more opens of S2 for one behind it in the last minute: no-route");
}

TEST_CASE("askers without end are counted together") {
  refused_opens all;
  for (int i = 0; i < 1000; ++i) all.count("asker " + std::to_string(i), errc::busy, noon);
  CHECK(all.take_sums("S1", "S2", noon, true).size() <= 257);
}
