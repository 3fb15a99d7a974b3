// Bulk over a line of some rate and length: how much of the line is used, and how long what is urgent would
// wait.
#include "protocol/gateway/line_pace.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

using namespace hublink;
using namespace std::chrono_literals;

namespace {

using micros = std::chrono::microseconds;

/// A first-in-first-out line in steps of 100 µs.
struct line {
  struct piece {
    double bytes;
    std::optional<std::uint32_t> mark;
  };
  struct answer {
    std::uint32_t mark;
    line_pace::clock::time_point at;
  };

  double rate;           ///< bytes/s
  micros length;         ///< round trip of the empty line
  double offered = 1e12; ///< bytes/s that the application has
  line_pace pace{};
  line_pace::clock::time_point now{};
  std::deque<piece> queue{};
  std::deque<answer> answers{};
  double queued = 0, delivered = 0, may_offer = 0;
  std::vector<micros> waits{}; ///< of what would come now, each step

  void step() {
    constexpr double step_s = 1e-4;
    now += 100us;
    while (!answers.empty() && answers.front().at <= now) {
      pace.answered(answers.front().mark, now);
      answers.pop_front();
    }
    may_offer = std::min(may_offer + offered * step_s, 1e7);
    while (may_offer >= 1 && (pace.room() > 0 || pace.wants_mark())) {
      if (pace.wants_mark()) queue.push_back({0, pace.mark(now)});
      if (pace.room() == 0) break;
      auto count = std::min<std::size_t>(pace.batch(), static_cast<std::size_t>(may_offer));
      pace.sent(count);
      may_offer -= double(count);
      queued += double(count);
      queue.push_back({double(count), {}});
    }
    if (may_offer < 1) pace.ran_dry(now);
    waits.push_back(micros{static_cast<long>(queued / rate * 1e6)});
    for (double left = rate * step_s; !queue.empty() && (left > 0 || queue.front().mark);) {
      auto& first = queue.front();
      auto count = std::min(left, first.bytes);
      first.bytes -= count;
      left -= count;
      queued -= count;
      delivered += count;
      if (first.bytes > 0.5) break;
      if (first.mark) answers.push_back({*first.mark, now + length});
      queue.pop_front();
    }
  }

  /// 99 of 100 wait no longer than this.
  micros wait() {
    std::ranges::sort(waits);
    return waits[waits.size() * 99 / 100];
  }

  /// The share of the line (or of what is offered, if that is less) that is used over `time`.
  double run(std::chrono::milliseconds time) {
    auto before = delivered;
    waits.clear();
    for (auto end = now + time; now < end;) step();
    return (delivered - before) / std::min(rate, offered) / std::chrono::duration<double>(time).count();
  }
};

constexpr double mbit = 1e6 / 8;

} // namespace

TEST_CASE("a line is used, and what is urgent waits behind little", "[pace]") {
  struct row {
    double rate;
    micros length;
    std::chrono::milliseconds wait;
  };
  // A quarter of the round trip, 1.5 ms (at least 32 KiB) and a batch; what follows an empty line comes at
  // once.
  auto given = GENERATE(values<row>({{100 * mbit, 200us, 5ms},
                                     {100 * mbit, 10ms, 8ms},
                                     {1000 * mbit, 1ms, 5ms},
                                     {1000 * mbit, 40ms, 15ms},
                                     {8000 * mbit, 200us, 6ms},
                                     {10 * mbit, 100ms, 60ms}}));
  line one{given.rate, given.length};
  CAPTURE(given.rate, given.length.count());
  one.run(3s);
  CHECK(one.run(9s) > 0.95);
  CHECK(one.wait() < given.wait);
}

TEST_CASE("a line that changes is found out", "[pace]") {
  line one{100 * mbit, 5ms};
  one.run(2s);
  SECTION("ten times as fast") {
    one.rate *= 10;
    one.run(1s);
    CHECK(one.run(5s) > 0.95);
  }
  SECTION("a tenth as fast") {
    one.rate /= 10;
    one.run(2s);
    CHECK(one.run(5s) > 0.95);
    CHECK(one.wait() < 40ms); // the least window at 10 Mbit/s is 26 ms
  }
  SECTION("ten times as long") {
    one.length *= 10;
    one.run(15s); // the old round trip holds for 10 s
    CHECK(one.run(5s) > 0.9);
  }
  SECTION("a tenth as long") {
    one.length /= 10;
    one.run(12s); // as above
    CHECK(one.run(5s) > 0.95);
    CHECK(one.wait() < 6ms);
  }
}

TEST_CASE("a slow application does not make the line look slow", "[pace]") {
  line one{100 * mbit, 5ms};
  one.run(2s);
  auto known = one.pace.rate();
  one.offered = 5 * mbit;
  CHECK(one.run(5s) > 0.95);
  CHECK(one.pace.rate() >= known * 9 / 10);
  one.offered = 1e12;
  CHECK(one.run(1s) > 0.9);
}

TEST_CASE("after a pause the line is known still, and nothing stands still", "[pace]") {
  line one{1000 * mbit, 20ms};
  one.run(2s);
  one.offered = 0;
  one.may_offer = 0;
  for (auto end = one.now + 60s; one.now < end;) one.step();
  one.offered = 1e12;
  one.run(200ms);
  CHECK(one.run(2s) > 0.9);
}

TEST_CASE("answers to no mark, or twice, change nothing", "[pace]") {
  line_pace pace;
  line_pace::clock::time_point now{};
  auto first = pace.mark(now);
  pace.sent(100'000);
  auto second = pace.mark(now + 1ms);
  pace.answered(second + 7, now + 2ms);
  CHECK(pace.round_trip() == 0us);
  pace.answered(second, now + 3ms);
  CHECK(pace.round_trip() == 2ms);
  pace.answered(first, now + 50ms);
  pace.answered(second, now + 50ms);
  CHECK(pace.round_trip() == 2ms);
}
