#include "node/circuit/rate_limit.hpp"
#include "support/catch.hpp"

#include <vector>

using namespace hublink;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t chunk = 256 * 1024;

/// Time that only tests move.
struct office_clock {
  rate_limit::clock::time_point now = rate_limit::clock::time_point{} + 1h;
};

/// Sends as the pump does for so long; the bytes that went.
std::uint64_t send_for(std::vector<pacer*> all, office_clock& time, std::chrono::milliseconds how_long,
                       std::vector<std::uint64_t>* each = nullptr) {
  std::uint64_t sent = 0;
  for (auto end = time.now + how_long; time.now < end; time.now += 1ms)
    for (std::size_t i = 0; i < all.size(); ++i)
      while (auto count = all[i]->grant(chunk, time.now)) {
        all[i]->spent(count);
        sent += count;
        if (each) (*each)[i] += count;
        if (sent > 1'000'000'000) return sent; // without a limit there is no end
      }
  return sent;
}

} // namespace

TEST_CASE("a limit lets its rate through, slow or fast") {
  auto rate = GENERATE(as<std::uint64_t>{}, 1'000, 50'000, 1'000'000, 80'000'000);
  office_clock time;
  pacer limit{rate, nullptr};
  send_for({&limit}, time, 1s); // the first burst
  auto sent = send_for({&limit}, time, 10s);
  CHECK(sent + 1024 >= rate * 10 * 95 / 100); // a turn may be just due
  CHECK(sent <= rate * 10 * 105 / 100 + 1024);
}

TEST_CASE("an idle limit saves up for a tenth of a second, not more") {
  office_clock time;
  pacer limit{1'000'000, nullptr};
  send_for({&limit}, time, 1s);
  time.now += 1h;
  CHECK(send_for({&limit}, time, 1ms) <= 140'000);
}

TEST_CASE("no limit grants all at once, and nothing is kept") {
  office_clock time;
  pacer limit{0, std::make_shared<shared_rate_limit>(0)};
  for (int i = 0; i < 100; ++i) {
    CHECK(limit.grant(chunk, time.now) == chunk);
    limit.spent(chunk);
  }
}

TEST_CASE("what the socket did not take stays granted") {
  office_clock time;
  pacer limit{1'000'000, nullptr};
  auto first = limit.grant(chunk, time.now);
  REQUIRE(first > 1'000);
  limit.spent(1'000);
  CHECK(limit.grant(chunk, time.now) == first - 1'000);
}

TEST_CASE("many share one limit evenly, and one with its own keeps to the lower") {
  office_clock time;
  auto node = std::make_shared<shared_rate_limit>(3'000'000);
  pacer a{0, node}, b{0, node}, slow{100'000, node};
  std::vector<std::uint64_t> each(3);
  send_for({&a, &b, &slow}, time, 1s);
  auto sent = send_for({&a, &b, &slow}, time, 10s, &each);
  CHECK(sent <= 31'500'000);
  CHECK(sent >= 28'000'000);
  CHECK(each[2] <= 1'100'000);
  CHECK(each[2] >= 900'000);
  CHECK(double(each[0]) / double(each[1]) < 1.1);
  CHECK(double(each[1]) / double(each[0]) < 1.1);
}

TEST_CASE("who waits for a turn hears of a change") {
  office_clock time;
  auto node = std::make_shared<shared_rate_limit>(1'000);
  pacer limit{0, node};
  send_for({&limit}, time, 500ms);
  REQUIRE(limit.grant(chunk, time.now) == 0);
  SECTION("of the shared limit") {
    node->change(0);
    CHECK(limit.grant(chunk, time.now) == 0); // still the old turn
    limit.start_over();
    CHECK(limit.grant(chunk, time.now) == chunk);
  }
  SECTION("of its own, below the shared one") {
    node->change(0);
    limit.change_own(50'000'000);
    CHECK(limit.grant(chunk, time.now) == chunk); // less than 20 ms of the rate
  }
}
