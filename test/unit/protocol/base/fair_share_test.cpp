#include "protocol/base/fair_share.hpp"
#include "support/catch.hpp"

#include <map>
#include <random>

using namespace hublink;

namespace {

/// As much as it gets, one at a time.
fair_share::amount greed(fair_share& of, const std::string& holder) {
  while (of.take(holder, 1)) {
  }
  return of.of(holder);
}

} // namespace

TEST_CASE("who is alone gets most of it, and never all") {
  struct row {
    fair_share::amount whole, times_left, gets;
  };
  auto [whole, times_left, gets] =
      GENERATE(row{0, 3, 0}, row{1, 3, 1}, row{2, 3, 1}, row{4, 3, 3}, row{16, 3, 11}, row{1024, 3, 720},
               row{16'384, 15, 14'400}, row{std::uint64_t(1) << 20, 3, 737'280});
  fair_share share{whole, times_left};
  CHECK(greed(share, "greedy") == gets);
}

TEST_CASE("behind one who takes what he can there is room for others") {
  fair_share share{1024};
  greed(share, "greedy");
  CHECK(greed(share, "second") == 180);
  CHECK(greed(share, "third") == 45);
  CHECK_FALSE(share.take("greedy", 1));
}

TEST_CASE("when many have taken what they can, a small holder still gets the least") {
  fair_share share{1024};
  for (int i = 0; i < 100; ++i) greed(share, "greedy" + std::to_string(i % 4));
  for (int i = 0; i < 16; ++i) CHECK(greed(share, "small" + std::to_string(i)) == share.least());
}

TEST_CASE("what is given back is there for others, not for who has most") {
  fair_share share{1024};
  greed(share, "greedy");
  greed(share, "second");
  share.give_back("second", 180);
  CHECK(share.of("second") == 0);
  CHECK(share.taken() == 720);
  CHECK(share.may_take("third", 180));
  CHECK_FALSE(share.may_take("third", 181));
  CHECK(share.may_take("greedy", 720, 720));
  CHECK_FALSE(share.may_take("greedy", 721, 720));
}

TEST_CASE("large amounts do not run over") {
  constexpr auto whole = std::uint64_t(1) << 60;
  fair_share share{whole};
  CHECK_FALSE(share.take("a", UINT64_MAX));
  CHECK_FALSE(share.take("a", whole));
  CHECK(share.take("a", whole / 2));
  CHECK_FALSE(share.take("a", UINT64_MAX - 5));
}

TEST_CASE("what is there already counts, and a smaller whole takes nothing away") {
  fair_share share{100};
  share.add("kept", 250);
  CHECK(share.taken() == 100);
  share.give_back("kept", 250);
  CHECK(share.taken() == 0);
  share.add("kept", 60);
  share.resize(10);
  CHECK(share.whole() == 60);
  CHECK_FALSE(share.take("other", 1));
  share.give_back("kept", 60);
  share.resize(10);
  CHECK(share.take("other", 1));
}

TEST_CASE("at random: never more than there is, and nobody new is turned away while there is enough") {
  std::mt19937_64 draw{std::uint64_t(GENERATE(1, 2, 3, 4, 5))};
  const fair_share::amount whole = 1 + draw() % 5000;
  fair_share share{whole};
  std::map<std::string, fair_share::amount> has;
  for (int i = 0; i < 5000; ++i) {
    auto holder = "h" + std::to_string(draw() % 12);
    auto some = 1 + draw() % 40;
    if (draw() % 3 > 0) {
      bool fresh_and_small = has[holder] + some <= share.least() && share.taken() + some <= whole;
      bool got = share.take(holder, some);
      if (fresh_and_small) CHECK(got);
      if (got) has[holder] += some;
    } else {
      some = std::min(some, has[holder]);
      share.give_back(holder, some);
      has[holder] -= some;
    }
    fair_share::amount all = 0;
    for (const auto& [name, amount] : has) {
      all += amount;
      REQUIRE(share.of(name) == amount);
    }
    REQUIRE(share.taken() == all);
    REQUIRE(all <= whole);
  }
}
