#include "protocol/circuit/line_rate.hpp"
#include "support/catch.hpp"

#include <functional>

using namespace hublink;
using namespace std::chrono_literals;

namespace {

constexpr auto load_time = 10s;
constexpr std::uint64_t bytes_per_s = 12'500'000; // 100 Mbit/s

struct load_story {
  const char* what;
  std::function<void(line_facts& last)> seen;
  std::function<void(line_taken& taken)> said;
  line_limit limit;
};

line_facts facts_after(std::chrono::microseconds time) {
  line_facts now;
  now.now = 5s + time;
  now.bytes_out = std::uint64_t(time.count()) * bytes_per_s / 1'000'000;
  now.segments_out = now.bytes_out / 1448;
  now.round_trip = 21ms;
  now.least_round_trip = 20ms;
  now.window = 400'000;
  now.peer_window = 3'000'000;
  now.busy = time;
  now.cpu = time / 5;
  now.send_most = 4 << 20;
  now.congestion = "cubic";
  return now;
}

line_rate rate_of(const load_story& story) {
  load_watch watch{load_time};
  watch.begin(facts_after(0s));
  for (auto at = 100ms; at < load_time; at += 100ms) {
    auto now = facts_after(at);
    if (story.seen) story.seen(now);
    watch.note(now);
  }
  auto last = facts_after(load_time);
  if (story.seen) story.seen(last);
  line_taken taken{"ServerB", last.bytes_out, 6 << 20, 20};
  if (story.said) story.said(taken);
  return watch.result("ServerA", last, taken);
}

load_story plain() { return {"", {}, {}, line_limit::line}; }

} // namespace

TEST_CASE("what limits a line") {
  using enum line_limit;
  auto each = GENERATE(
      load_story{"nothing else", {}, {}, line},
      load_story{"the peer's window is as large as its kernel lets it be",
                 [](line_facts& now) { now.by_peer = now.busy * 9 / 10; },
                 {},
                 receive_window},
      load_story{"the peer does not read",
                 [](line_facts& now) {
                   now.by_peer = now.busy * 9 / 10;
                   now.peer_window = 65'536;
                 },
                 {},
                 receiver},
      load_story{"the peer can't read faster",
                 [](line_facts& now) {
                   now.by_peer = now.busy * 9 / 10;
                   now.peer_window = 65'536;
                 },
                 [](line_taken& taken) { taken.cpu_percent = 99; }, receiver_cpu},
      load_story{"the buffer is full of what is on the way",
                 [](line_facts& now) {
                   now.by_buffer = now.busy * 9 / 10;
                   now.window = 3 << 20;
                 },
                 {},
                 send_buffer},
      load_story{"nothing is there to be sent", [](line_facts& now) { now.busy /= 2; }, {}, sender},
      load_story{"a core is used up by sending",
                 [](line_facts& now) {
                   now.busy /= 2;
                   now.cpu = now.now - 5s;
                 },
                 {},
                 sender_cpu},
      load_story{"a core is used up, next door",
                 [](line_facts& now) { now.round_trip = now.least_round_trip = 50us; },
                 [](line_taken& taken) { taken.cpu_percent = 99; }, receiver_cpu},
      load_story{"a core is used up, but the line is far",
                 {},
                 [](line_taken& taken) { taken.cpu_percent = 99; },
                 line},
      load_story{
          "packets get lost", [](line_facts& now) { now.retransmitted = now.segments_out / 100; }, {}, loss},
      load_story{"which the peer had already",
                 [](line_facts& now) { now.retransmitted = now.needless = now.segments_out / 100; },
                 {},
                 line},
      load_story{"from a full queue",
                 [](line_facts& now) {
                   now.retransmitted = now.segments_out / 100;
                   now.round_trip = 45ms;
                 },
                 {},
                 line},
      load_story{"which BBR does not mind",
                 [](line_facts& now) {
                   now.retransmitted = now.segments_out / 100;
                   now.congestion = "bbr";
                 },
                 {},
                 line},
      load_story{
          "the node's own limit", [](line_facts& now) { now.rate_limit = bytes_per_s; }, {}, rate_limit});
  CAPTURE(each.what);
  auto found = rate_of(each);
  CHECK(found.limited_by == to_string(each.limit));
  CHECK(advice_on(found).empty() == (each.limit == line));
}

TEST_CASE("a line's rate leaves out its begin") {
  auto story = plain();
  story.seen = [](line_facts& now) { // nothing for two seconds
    const std::uint64_t missed = 2 * bytes_per_s;
    now.bytes_out -= std::min(now.bytes_out, missed);
  };
  auto found = rate_of(story);
  CHECK(found.bits_per_s == 100'000'000);
  CHECK(found.from == "ServerA");
  CHECK(found.to == "ServerB");
  CHECK(found.micros == 10'000'000);
  CHECK(found.round_trip_micros == 21'000);
  CHECK(found.least_round_trip_micros == 20'000);
  CHECK(found.sender_cpu_percent == 20);
  CHECK(found.receiver_cpu_percent == 20);
}

TEST_CASE("a line that carries nothing has no rate") {
  auto story = plain();
  story.seen = [](line_facts& now) {
    line_facts nothing;
    nothing.now = now.now;
    now = nothing;
  };
  auto found = rate_of(story);
  CHECK(found.bits_per_s == 0);
  CHECK(found.lost_ppm == 0);
  load_watch nothing{load_time};
  CHECK(nothing.result("ServerA", {}, {"ServerB"}).bits_per_s == 0);
}

TEST_CASE("little waits in the kernel where a line is slow, and enough where it is fast") {
  load_watch slow{load_time}, fast{load_time};
  CHECK(slow.unsent() == 128 * 1024);
  auto now = facts_after(3s);
  now.bytes_out = 300'000;
  slow.note(now);
  CHECK(slow.unsent() == 128 * 1024);
  fast.begin(facts_after(0s));
  now.bytes_out = 3'000'000'000;
  fast.note(now);
  CHECK(fast.unsent() == 50'000'000);
}

TEST_CASE("what the kernels' windows carry") {
  auto found = rate_of(plain());
  CHECK(most_window(found) == 3 << 20);
  CHECK(most_rate_of_windows(found) == 1'258'291'200); // 3 MiB in 20 ms
  found.least_round_trip_micros = 100;
  CHECK(most_rate_of_windows(found) == 0); // no matter
  found.receive_most = 0;
  CHECK(most_window(found) == 0);
}
