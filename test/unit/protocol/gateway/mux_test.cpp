#include "mux_pair.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::test;
using namespace std::chrono_literals;

namespace {

std::string text_of(std::size_t size, char first = 'a') {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = char(first + i * 7 % 19);
  return text;
}

mux_limits with_window(std::uint32_t bytes) {
  mux_limits limits;
  limits.window = bytes;
  return limits;
}

} // namespace

TEST_CASE("a stream carries both directions and ends them one by one", "[mux]") {
  mux_pair net;
  REQUIRE(net.settle());
  REQUIRE(net.a.ready);
  REQUIRE(net.b.ready);
  auto id = net.a.open("question");
  net.b.keep_open = true; // answers later
  REQUIRE(net.settle());
  CHECK(net.b.streams[id].came == "question");
  CHECK(net.b.streams[id].ended);
  CHECK_FALSE(net.a.streams[id].ended);
  CHECK(net.b.targets[id].name == "db");
  net.b.keep_open = false;
  net.b.streams[id].to_send = text_of(1'000'000);
  net.b.link.readable(id, net.b.now);
  REQUIRE(net.settle());
  CHECK(net.a.streams[id].came == text_of(1'000'000));
  CHECK(net.a.streams[id].ended);
  CHECK(net.a.link.idle());
  CHECK(net.b.link.idle());
}

TEST_CASE("a refusal has its reason, and the stream is gone", "[mux]") {
  mux_pair net;
  REQUIRE(net.settle());
  net.b.refuse_all = true;
  auto id = net.a.open("x");
  REQUIRE(net.settle());
  CHECK(net.a.streams[id].refused);
  CHECK(net.a.refusals.at(0).reason == mux_reason::not_allowed);
  CHECK(net.a.refusals.at(0).text == "by the test");
  CHECK(net.a.link.idle());
  CHECK(net.b.link.idle());
}

TEST_CASE("what is said before the answer comes with the open, within the first credit", "[mux]") {
  mux_pair net;
  REQUIRE(net.settle());
  net.b.answer = net.b.reads_at_once = false;
  auto text = text_of(20'000);
  auto id = net.a.open(text);
  auto refused = net.a.open("nobody is there");
  net.a.link.readable(id, net.a.now);
  net.a.link.readable(refused, net.a.now);
  REQUIRE(net.move(true, 1 << 20));
  CHECK(net.b.streams[id].came == text.substr(0, mux_limits{}.window));
  CHECK(net.b.streams[refused].ended);
  CHECK(net.a.link.streams() == 2);
  net.b.accept(id);
  net.b.link.refuse(refused, {mux_reason::refused, "by the test"});
  net.b.consume(id);
  REQUIRE(net.settle());
  CHECK(net.b.streams[id].came == text);
  CHECK(net.b.streams[id].ended);
  CHECK(net.a.streams[id].ended);
  CHECK(net.a.streams[refused].refused);
  CHECK(net.a.link.idle());
  CHECK(net.b.link.idle());
}

TEST_CASE("a reader that stands still holds no more than its window, and stops nobody else", "[mux]") {
  mux_limits limits;
  mux_pair net{limits};
  REQUIRE(net.settle());
  net.b.reads_at_once = false;
  auto stalled = net.a.open(text_of(1 << 20));
  REQUIRE(net.settle());
  CHECK(net.b.streams[stalled].unread == limits.window);
  net.b.reads_at_once = true;
  auto fast = net.a.open(text_of(1 << 20));
  REQUIRE(net.settle());
  CHECK(net.b.streams[fast].came == text_of(1 << 20));
  CHECK(net.b.streams[stalled].unread == limits.window);
  net.b.consume(stalled);
  REQUIRE(net.settle());
  CHECK(net.b.streams[stalled].came == text_of(1 << 20));
}

TEST_CASE("the window of a fast reader grows within the budget, and is given back", "[mux]") {
  mux_limits limits;
  limits.window_growth = 1 << 20;
  mux_pair net{limits};
  REQUIRE(net.settle());
  net.b.reads_at_once = false;
  auto id = net.a.open(text_of(8 << 20));
  while (net.b.streams[id].came.size() < 6 << 20) {
    REQUIRE(net.settle());
    net.b.consume(id);
  }
  CHECK(net.b.most_unread > limits.window);
  CHECK(net.b.most_unread <= limits.window + limits.window_growth);
  net.a.link.reset(id);
  REQUIRE(net.settle());
  net.b.most_unread = 0;
  auto next = net.a.open(text_of(8 << 20));
  while (net.b.streams[next].came.size() < 6 << 20) {
    REQUIRE(net.settle());
    net.b.consume(next);
  }
  CHECK(net.b.most_unread > limits.window);
}

TEST_CASE("an interactive stream goes before bulk ones, and does not starve them", "[mux]") {
  mux_pair net{with_window(4 << 20)};
  REQUIRE(net.settle());
  net.a.open(text_of(4 << 20));
  net.a.open(text_of(4 << 20));
  for (int i = 0; i < 20; ++i) {
    REQUIRE(net.move(true, 64 * 1024));
    REQUIRE(net.move(false, 64 * 1024));
  }
  net.a.keep_open = true;
  auto quick = net.a.open("ls\n");
  for (int i = 0; i < 8 && net.b.streams[quick].came.empty(); ++i) {
    REQUIRE(net.move(true, 64 * 1024));
    REQUIRE(net.move(false, 64 * 1024));
  }
  CHECK(net.b.streams[quick].came == "ls\n");
  net.a.pulls.clear();
  for (int i = 0; i < 100; ++i) {
    net.a.streams[quick].to_send += "ls\n";
    net.a.link.readable(quick, net.a.now);
    net.a.link.produce(net.a_to_b, net.a_to_b.size() + 1, net.a.now);
  }
  CHECK(std::ranges::count(net.a.pulls, quick) >= 50);
}

TEST_CASE("bulk waits until what is under way has come, what is urgent does not", "[mux]") {
  mux_pair net{with_window(4 << 20)};
  REQUIRE(net.settle());
  net.a.keep_open = true;
  auto bulk = net.a.open(""), quick = net.a.open("");
  REQUIRE(net.settle());
  net.a.streams[bulk].to_send = text_of(4 << 20);
  net.a.link.readable(bulk, net.a.now);
  for (int i = 0; i < 100; ++i) net.a.link.produce(net.a_to_b, net.a_to_b.size() + 100'000, net.a.now);
  CHECK_FALSE(net.a.link.wants_to_send());
  auto under_way = net.a_to_b.size();
  CHECK(under_way > 64 * 1024);
  CHECK(under_way < 512 * 1024);
  net.a.streams[quick].to_send = "ls\n";
  net.a.link.readable(quick, net.a.now);
  CHECK(net.a.link.wants_to_send());
  net.a.link.produce(net.a_to_b, net.a_to_b.size() + 100'000, net.a.now);
  CHECK(net.a_to_b.size() > under_way);
  CHECK(net.a_to_b.size() < under_way + 100);
  REQUIRE(net.settle());
  CHECK(net.b.streams[quick].came == "ls\n");
  CHECK(net.b.streams[bulk].came.size() == 4 << 20);
}

TEST_CASE("bulk that is held up for a moment does not become urgent by that", "[mux]") {
  mux_pair net{with_window(4 << 20)};
  REQUIRE(net.settle());
  net.a.keep_open = true;
  auto bulk = net.a.open(""), other = net.a.open("");
  REQUIRE(net.settle());
  auto burst = [&](mux_id stream, std::size_t size) {
    net.a.streams[stream].to_send += text_of(size);
    net.a.link.readable(stream, net.a.now);
    for (int i = 0; i < 20; ++i) net.a.link.produce(net.a_to_b, net.a_to_b.size() + 100'000, net.a.now);
    net.pass(std::chrono::milliseconds{1});
  };
  for (int i = 0; i < 4; ++i) burst(bulk, 64 * 1024); // nothing of it arrives
  auto held = net.a_to_b.size();
  CHECK(held < 256 * 1024);
  for (int i = 0; i < 28; ++i) burst(bulk, 64 * 1024);
  CHECK(net.a_to_b.size() == held);

  REQUIRE(net.settle());
  net.pass(std::chrono::milliseconds{100});
  burst(other, 4 << 20);
  auto under_way = net.a_to_b.size();
  burst(bulk, 64 * 1024);
  CHECK(net.a_to_b.size() >= under_way + 64 * 1024); // a pause makes it urgent again
}

TEST_CASE("bulk without an end runs the line dry now and then, and asks no more than it needs to", "[mux]") {
  mux_pair net{with_window(64 << 20)};
  REQUIRE(net.settle());
  net.a.open(text_of(48 << 20));
  REQUIRE(net.move(true, 1024));
  REQUIRE(net.move(false, 1024));
  std::array<bytes, 20> on_its_way; // back, a millisecond each
  int dry = 0, most_turns = 0;
  for (std::size_t ms = 0; ms < 12'000; ++ms) { // 20 Mbit/s
    net.pass(std::chrono::milliseconds{1});
    int turns = 0;
    for (; turns < 100 && net.a.link.wants_to_send(); ++turns)
      net.a.link.produce(net.a_to_b, net.a_to_b.size() + net.a.link.batch(), net.a.now);
    most_turns = std::max(most_turns, turns);
    auto part = net.a_to_b.view().first(std::min<std::size_t>(2500, net.a_to_b.size()));
    REQUIRE(net.b.link.received(part, net.b.now));
    net.a_to_b.taken(part.size());
    if (ms > 2'000) dry += net.a_to_b.empty();
    auto& back = on_its_way[ms % on_its_way.size()];
    REQUIRE(net.a.link.received(back, net.a.now));
    net.b.link.produce(net.b_to_a, 1 << 20, net.b.now);
    back.assign(net.b_to_a.view().begin(), net.b_to_a.view().end());
    net.b_to_a.taken(back.size());
  }
  CHECK(most_turns < 20);
  CHECK(dry > 10);
  CHECK(dry < 200);
}

TEST_CASE("a reset comes after what was sent before it", "[mux]") {
  mux_pair net;
  REQUIRE(net.settle());
  net.a.keep_open = true;
  auto id = net.a.open("last words");
  net.a.streams[id].reset_after = true;
  REQUIRE(net.settle());
  net.a.keep_open = false;
  net.a.link.readable(id, net.a.now);
  REQUIRE(net.settle());
  CHECK(net.b.streams[id].came == "last words");
  CHECK(net.b.streams[id].was_reset);
  CHECK(net.a.link.idle());
  CHECK(net.b.link.idle());
}

TEST_CASE("after a stop nothing more is sent, and the other direction goes on", "[mux]") {
  mux_pair net;
  REQUIRE(net.settle());
  net.b.reads_at_once = false;
  auto id = net.a.open(text_of(1 << 20));
  net.b.keep_open = true;
  REQUIRE(net.settle());
  net.b.link.stop(id);
  REQUIRE(net.settle());
  CHECK(net.a.streams[id].stopped);
  CHECK_FALSE(net.a.link.idle());
  net.b.keep_open = false;
  net.b.streams[id].to_send = "still here";
  net.b.link.readable(id, net.b.now);
  REQUIRE(net.settle());
  CHECK(net.a.streams[id].came == "still here");
  CHECK(net.a.link.idle());
  CHECK(net.b.link.idle());
}

TEST_CASE("limits on streams, unanswered opens and the rate of opens", "[mux]") {
  mux_limits limits;
  limits.max_streams = 10;
  limits.max_unanswered = 4;
  limits.opens_per_second = 6;
  mux_pair net{{}, limits};
  REQUIRE(net.settle());
  net.b.answer = false;
  for (int i = 0; i < 8; ++i) net.a.open("");
  REQUIRE(net.settle());
  REQUIRE(net.a.refusals.size() == 5);
  CHECK(net.a.refusals.front().text == "too many opens wait for that destination");
  CHECK(net.a.refusals.back().text == "opened too fast");
  for (auto reason : {0, 1, 2, 3, 4}) CHECK(net.a.refusals[std::size_t(reason)].reason == mux_reason::busy);
  auto many = mux_limits{};
  many.max_streams = 2;
  mux_pair two{{}, many};
  REQUIRE(two.settle());
  two.b.keep_open = two.a.keep_open = true;
  two.a.open("");
  two.a.open("");
  auto third = two.a.link.open({mux_target::by::gateway, "db"});
  REQUIRE_FALSE(third);
  CHECK(third.error().code == errc::busy);
}

TEST_CASE("silence is probed, answered silence lives, and unanswered silence is death", "[mux]") {
  mux_pair net;
  REQUIRE(net.settle());
  for (int i = 0; i < 5; ++i) {
    net.pass(10s);
    REQUIRE(net.a.link.tick(net.a.now));
    REQUIRE(net.settle());
  }
  for (int probe = 0; probe < 3; ++probe) {
    net.pass(10s);
    REQUIRE(net.a.link.tick(net.a.now));
  }
  net.pass(9s);
  CHECK(net.a.link.tick(net.a.now));
  net.pass(1s);
  auto dead = net.a.link.tick(net.a.now);
  REQUIRE_FALSE(dead);
  CHECK(dead.error().code == errc::timed_out);
}

TEST_CASE("who goes away opens nothing more; what is open goes on", "[mux]") {
  mux_pair net;
  REQUIRE(net.settle());
  net.a.keep_open = net.b.keep_open = true;
  auto id = net.a.open("one");
  REQUIRE(net.settle());
  net.b.link.go_away();
  REQUIRE(net.settle());
  CHECK(net.a.away);
  CHECK_FALSE(net.a.link.open({mux_target::by::gateway, "db"}));
  net.a.streams[id].to_send += " two";
  net.a.link.readable(id, net.a.now);
  REQUIRE(net.settle());
  CHECK(net.b.streams[id].came == "one two");
}

TEST_CASE("urgent bytes stay where they are in the stream", "[mux]") {
  mux_pair net;
  REQUIRE(net.settle());
  net.b.keep_open = true;
  auto id = net.a.open("!?rest");
  net.a.streams[id].sends_urgent = 2;
  REQUIRE(net.settle());
  CHECK(net.b.streams[id].came == "!?rest");
  CHECK(net.b.streams[id].urgent == std::vector<std::size_t>{0, 1});
}

TEST_CASE("a reset says why, and how a connection is watched over comes to its other end", "[mux]") {
  mux_pair net;
  REQUIRE(net.settle());
  net.a.keep_open = net.b.keep_open = true;
  auto id = net.a.open("x");
  const mux_keep_alive how{true, 5, 2, 3, 30'000};
  net.a.link.keep_alive(id, how);
  REQUIRE(net.settle());
  CHECK(net.b.streams[id].keep_alive == how);
  net.a.link.tell_moved(id);
  REQUIRE(net.settle());
  CHECK(net.b.streams[id].moved == 1);
  net.b.link.reset(id, mux_reason::timed_out);
  REQUIRE(net.settle());
  CHECK(net.a.streams[id].was_reset);
  CHECK(net.a.streams[id].reset_by == mux_reason::timed_out);
}
