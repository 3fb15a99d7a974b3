#include "node/events/event_ring.hpp"
#include "support/catch.hpp"

#include <atomic>
#include <thread>

using namespace hublink;

namespace {

constexpr std::size_t plenty = 1 << 20;

void fill(event_ring& ring, int first, int last, const std::string& transfer = "ab") {
  for (int i = first; i <= last; ++i) ring.put(std::to_string(i), transfer, {});
}

using event_lines = std::vector<std::string>;

const file_limit only_file01{std::set<std::string>{"FILE01"}};

} // namespace

TEST_CASE("what is read from a position on comes once and in order") {
  event_ring ring;
  fill(ring, 1, 3);
  auto first = ring.read(0, {}, plenty);
  CHECK(first.lines == event_lines{"1", "2", "3"});
  CHECK(first.missed == 0);
  CHECK(ring.read(first.next, {}, plenty).lines.empty());
  fill(ring, 4, 4);
  CHECK(ring.read(first.next, {}, plenty).lines == event_lines{"4"});
}

TEST_CASE("a reader who is slow misses the oldest events, and is told how many") {
  event_ring ring{{10, plenty}};
  fill(ring, 1, 4);
  auto at = ring.read(0, {}, plenty).next;
  fill(ring, 5, 1004);
  auto later = ring.read(at, {}, plenty);
  CHECK(later.missed == 990);
  CHECK(later.lines.front() == "995");
  CHECK(later.lines.size() == 10);
  CHECK(ring.oldest() == 994);
  CHECK(ring.end() == 1004);
  CHECK(ring.read(later.next, {}, plenty).missed == 0);
}

TEST_CASE("a ring's size is bounded in bytes too") {
  event_ring ring{{1000, 100}};
  for (int i = 0; i < 50; ++i) ring.put(std::string(30, 'x'), "ab", {});
  CHECK(ring.read(0, {}, plenty).lines.size() == 3);
  ring.put(std::string(500, 'y'), "ab", {});
  CHECK(ring.read(0, {}, plenty).lines == event_lines{std::string(500, 'y')});
}

TEST_CASE("a batch is bounded, and the next one goes on behind it") {
  event_ring ring;
  for (int i = 0; i < 5; ++i) ring.put(std::string(40, char('a' + i)), "ab", {});
  auto first = ring.read(0, {}, 100);
  CHECK(first.lines.size() == 2);
  CHECK(ring.read(first.next, {}, 10).lines == event_lines{std::string(40, 'c')});
}

TEST_CASE("a position behind the end counts as the end") {
  event_ring ring;
  fill(ring, 1, 2);
  auto got = ring.read(99, {}, plenty);
  CHECK(got.lines.empty());
  CHECK(got.next == 2);
  CHECK(got.missed == 0);
}

TEST_CASE("only one transfer, only some files") {
  event_ring ring;
  ring.put("told", "ab", "FILE01");
  ring.put("next", "ab", {});
  ring.put("other", "cd", "FILE02");
  ring.put("unknown", "ef", {});
  ring.put("login", "", {});
  CHECK(ring.read(0, {"ab", {}}, plenty).lines == event_lines{"told", "next"});
  CHECK(ring.read(0, {"", only_file01}, plenty).lines == event_lines{"told", "next"});
  CHECK(ring.read(0, {"cd", only_file01}, plenty).lines.empty());
  CHECK(ring.read(0, {"", file_limit{std::set<std::string>{}}}, plenty).lines.empty()); // of none
  auto got = ring.read(0, {"cd", {}}, plenty);
  CHECK(got.next == 5);
}

TEST_CASE("the files of long gone transfers are forgotten") {
  event_ring ring{{10, plenty}};
  ring.put("told", "first", "FILE01");
  for (int i = 0; i < 20; ++i) ring.put("told", "t" + std::to_string(i), "FILE01");
  ring.put("closed", "first", {});
  ring.put("closed", "t19", {});
  auto got = ring.read(0, {"", only_file01}, plenty);
  CHECK(got.lines.back() == "closed");
  CHECK(got.lines.size() == 9); // eight `told`, and what closed last
}

TEST_CASE("who waits is called once, at the first event") {
  event_ring ring;
  int calls = 0;
  auto waiter = ring.when_past(0, [&] { ++calls; });
  CHECK(calls == 0);
  fill(ring, 1, 3);
  CHECK(calls == 1);
  auto at_once = ring.when_past(2, [&] { ++calls; });
  CHECK(calls == 2);
  auto dropped = ring.when_past(3, [&] { ++calls; });
  dropped.reset();
  fill(ring, 4, 4);
  CHECK(calls == 2);
}

TEST_CASE("writers are not held up by readers") {
  event_ring ring{{100, plenty}};
  std::atomic<bool> over{false};
  std::uint64_t seen = 0, missed = 0;
  std::thread reader([&] {
    for (std::uint64_t at = 0;;) {
      bool last = over;
      auto got = ring.read(at, {}, 50);
      seen += got.lines.size();
      missed += got.missed;
      at = got.next;
      if (last && got.lines.empty()) return;
    }
  });
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) writers.emplace_back([&] { fill(ring, 1, 5000); });
  for (auto& writer : writers) writer.join();
  over = true;
  reader.join();
  CHECK(seen + missed == 20'000);
}
