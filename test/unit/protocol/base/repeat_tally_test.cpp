#include "protocol/base/repeat_tally.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;

TEST_CASE("the first of a kind are said, the others counted and summed up once a minute") {
  repeat_tally tally;
  repeat_tally::time start{100s};
  int said = 0;
  for (int i = 0; i < 1212; ++i) said += tally.note("not-authorised", start + 10ms * i);
  CHECK(said == repeat_tally::said_of_each);
  CHECK(tally.note("busy", start + 20s));
  CHECK(tally.due() == start + 60s);
  auto sums = tally.take();
  REQUIRE(sums.size() == 1);
  CHECK(sums[0].kind == "not-authorised");
  CHECK(sums[0].count == 1204);
  CHECK_FALSE(tally.due());
  CHECK(tally.take().empty());
  CHECK(tally.note("not-authorised", start + 61s));
}

TEST_CASE("what was not said for another reason is in the sum") {
  repeat_tally tally;
  repeat_tally::time now{100s};
  tally.add("busy", now);
  CHECK(tally.due() == now + 60s);
  CHECK(tally.note("busy", now));
  CHECK_FALSE(tally.is_over(now + 61s));
  auto sums = tally.take();
  REQUIRE(sums.size() == 1);
  CHECK(sums[0].count == 1);
  CHECK(tally.is_over(now + 61s));
}

TEST_CASE("what is seldom is always said") {
  repeat_tally tally;
  repeat_tally::time now{100s};
  for (int i = 0; i < 100; ++i) CHECK(tally.note("busy", now += 10s));
  CHECK_FALSE(tally.due());
}

TEST_CASE("kinds without end are counted as one") {
  repeat_tally tally;
  repeat_tally::time now{100s};
  int said = 0;
  for (int i = 0; i < 10'000; ++i) said += tally.note("kind" + std::to_string(i), now);
  CHECK(said <= int(repeat_tally::most_kinds) + repeat_tally::said_of_each);
  auto sums = tally.take();
  REQUIRE(sums.size() == 1);
  CHECK(sums[0].kind == "");
  CHECK(sums[0].count + std::uint64_t(said) == 10'000);
}
