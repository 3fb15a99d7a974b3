#include "node/line/congestion_choice.hpp"
#include "support/catch.hpp"

#include <functional>
#include <string>

using namespace hublink;
using namespace std::chrono_literals;

namespace {

/// Looks twice a second at one connection over a line.
struct line_seen {
  std::string what;
  std::chrono::microseconds least;                        ///< round trip
  std::uint64_t segments;                                 ///< in each half second
  std::function<std::uint64_t(int look)> lost;            ///< segments in that one
  std::function<std::chrono::microseconds(int look)> now; ///< round trip, least included
  int looks;
  bool loses;
};

auto never() {
  return [](int) -> std::uint64_t { return 0; };
}
auto every(int looks, std::uint64_t segments) {
  return [=](int look) -> std::uint64_t { return look % looks == 0 ? segments : 0; };
}
auto still(std::chrono::microseconds round_trip) {
  return [=](int) { return round_trip; };
}

void see(congestion_choice& choice, const line_seen& of, congestion_choice::clock::time_point& time) {
  for (int look = 1; look <= of.looks; ++look) {
    time += 500ms;
    choice.note({of.segments, of.lost(look), of.now(look), of.least}, time);
  }
}

} // namespace

TEST_CASE("a line loses where segments are lost without a queue, again and again, and far away") {
  // A sawtooth: the queue fills before a loss, and is gone behind it.
  auto full_before = [](std::chrono::microseconds least, std::chrono::microseconds queue, int looks) {
    return [=](int look) { return look % looks == 0 ? least + queue : least + queue / 8; };
  };
  auto of = GENERATE_COPY(
      line_seen{"clean", 100ms, 8000, never(), still(101ms), 200, false},
      line_seen{"1 %, CUBIC at 1.2 Mbit/s", 100ms, 50, every(2, 1), still(101ms), 10, true},
      line_seen{"0.1 %, CUBIC at 6 Mbit/s", 100ms, 250, every(4, 1), still(102ms), 20, true},
      line_seen{"CUBIC looks for the rate, a deep queue", 100ms, 8300, every(25, 12),
                full_before(100ms, 50ms, 25), 400, false},
      line_seen{"CUBIC looks for the rate, a shallow queue", 100ms, 8300, every(25, 12),
                full_before(100ms, 8ms, 25), 400, false},
      line_seen{"10 Mbit/s, full", 100ms, 400, every(9, 3), full_before(100ms, 50ms, 9), 400, false},
      line_seen{"one burst", 100ms, 8000, [](int look) -> std::uint64_t { return look == 1 ? 900 : 0; },
                still(100ms), 50, false},
      line_seen{"near", 1ms, 8000, every(2, 80), still(1500us), 100, false},
      line_seen{"a few segments, as of a link", 100ms, 2, every(20, 1), still(100ms), 30, false},
      line_seen{"jitter, and a loss now and then", 40ms, 4000, every(40, 1), still(45ms), 200, false});
  CAPTURE(of.what);
  congestion_choice choice;
  auto time = congestion_choice::clock::time_point{1h};
  see(choice, of, time);
  CHECK(choice.loses() == of.loses);
}

TEST_CASE("what a line was found to be holds until it shows otherwise") {
  congestion_choice choice;
  auto time = congestion_choice::clock::time_point{1h};
  see(choice, {"lossy", 100ms, 250, every(2, 2), still(101ms), 20, true}, time);
  REQUIRE(choice.loses());
  time += 24h; // nothing went over it
  see(choice, {"the next transfer", 100ms, 1000, every(2, 10), still(101ms), 4, true}, time);
  CHECK(choice.loses());
  see(choice, {"it is mended", 100ms, 4000, never(), still(101ms), 1200, false}, time);
  CHECK(!choice.loses());
}

TEST_CASE("a line that leads another way has another least round trip, in time") {
  congestion_choice choice;
  auto time = congestion_choice::clock::time_point{1h};
  see(choice, {"short", 20ms, 4000, never(), still(20ms), 20, false}, time);
  CHECK(choice.least_round_trip() == 20ms);
  see(choice, {"long, and lossy", 90ms, 250, every(2, 2), still(91ms), 4 * 60 * 10, true}, time);
  CHECK(choice.least_round_trip() == 90ms);
  CHECK(choice.loses());
}
