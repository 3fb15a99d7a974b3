#include "protocol/gateway/udp_flows.hpp"
#include "support/catch.hpp"

#include <random>

using namespace hublink;
using namespace std::chrono_literals;

namespace {

struct table {
  using flows = udp_flows<int, int>;

  std::vector<std::pair<int, bool>> ends;
  flows all;
  flows::clock::time_point now{};

  explicit table(std::size_t cap = 100)
      : all(cap, [this](flows::flow& one, bool evicted) { ends.emplace_back(one.key, evicted); }) {}

  flows::flow& send(int key, flow_rules rules = {}) {
    auto known = all.find(key);
    auto& one = known ? *known : all.open(key, 0, rules, now);
    all.sent(one, now);
    return one;
  }
  void pass(std::chrono::milliseconds time) {
    now += time;
    all.expire(now);
  }
};

} // namespace

TEST_CASE("each datagram of the application sets the flow's deadline anew, a reply does not", "[udp_flows]") {
  table t;
  t.send(1);
  t.pass(4s);
  CHECK(t.all.replied(*t.all.find(1), true, t.now));
  t.send(1);
  t.pass(4s);
  CHECK(t.all.replied(*t.all.find(1), true, t.now));
  t.pass(999ms);
  CHECK(t.ends.empty());
  t.pass(1ms);
  CHECK(t.ends == std::vector<std::pair<int, bool>>{{1, false}});
  CHECK(t.all.size() == 0);
  CHECK(t.all.counters().expired == 1);
}

TEST_CASE("replies extend the wait where that is set", "[udp_flows]") {
  table t;
  t.send(1, {5s, true});
  for (int i = 0; i < 10; ++i) {
    t.pass(4s);
    REQUIRE(t.all.find(1));
    CHECK(t.all.replied(*t.all.find(1), true, t.now));
  }
  t.pass(5s);
  CHECK_FALSE(t.all.find(1));
}

TEST_CASE("with a time-out of 0 no reply passes, and the flow stays for further datagrams", "[udp_flows]") {
  table t;
  t.send(1, {0s, false});
  CHECK_FALSE(t.all.replied(*t.all.find(1), true, t.now));
  CHECK(t.all.counters().late == 1);
  t.pass(59s);
  CHECK(t.all.find(1));
  t.pass(1s);
  CHECK_FALSE(t.all.find(1));
}

TEST_CASE("a reply from another port is dropped and counted", "[udp_flows]") {
  table t;
  t.send(1);
  CHECK_FALSE(t.all.replied(*t.all.find(1), false, t.now));
  CHECK(t.all.counters().wrong_source == 1);
  CHECK(t.all.counters().replies == 0);
}

TEST_CASE("a full table loses the flow that was used longest ago", "[udp_flows]") {
  table t{3};
  for (int key : {1, 2, 3}) t.send(key);
  t.send(1);
  CHECK(t.all.replied(*t.all.find(2), true, t.now));
  t.send(4);
  CHECK(t.ends == std::vector<std::pair<int, bool>>{{3, true}});
  CHECK(t.all.size() == 3);
  CHECK(t.all.counters().evicted == 1);
}

TEST_CASE("over any history each flow ends exactly at its deadline, and once", "[udp_flows]") {
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    std::mt19937 draw{seed};
    table t{10'000};
    std::map<int, table::flows::clock::time_point> expected;
    for (int step = 0; step < 500; ++step) {
      auto key = int(draw() % 40);
      if (draw() % 8 == 0) {
        t.all.close(key);
        expected.erase(key);
      } else {
        auto& one = t.send(key, {std::chrono::seconds{1 + draw() % 5}, false});
        expected[key] = t.now + one.rules.reply_timeout;
      }
      t.pass(std::chrono::milliseconds{draw() % 400});
      std::erase_if(expected, [&](const auto& row) { return row.second <= t.now; });
      REQUIRE(t.all.size() == expected.size());
      for (const auto& [one, end] : expected) REQUIRE(t.all.find(one));
      if (!expected.empty()) REQUIRE(t.all.next_end());
    }
  }
}

TEST_CASE("in a full table the one who has most makes room, whoever was silent longest", "[udp_flows]") {
  std::vector<int> evicted;
  udp_flows<int, int> all(
      8, [&](auto& one, bool) { evicted.push_back(one.key); },
      [](int key) { return std::to_string(key / 100); });
  udp_flows<int, int>::clock::time_point now{};
  for (int key : {100, 200, 201}) all.open(key, 0, {}, now);
  for (int key = 300; key < 320; ++key) all.open(key, 0, {}, now);
  CHECK(evicted.size() == 15);
  CHECK(evicted.front() == 300);
  for (int key : {100, 200, 201}) CHECK(all.find(key));
  all.sent(*all.find(315), now);
  all.open(400, 0, {}, now);
  CHECK(evicted.back() == 316);
  all.close(400);
  all.close(100);
  all.expire(now + 61s);
  CHECK(all.size() == 0);
}

TEST_CASE("at random the table of flows and that of their holders agree", "[udp_flows]") {
  std::mt19937_64 draw{7};
  std::size_t ended = 0, opened = 0, closed = 0;
  udp_flows<int, int> all(
      50, [&](auto&, bool) { ++ended; }, [](int key) { return std::to_string(key % 7); });
  udp_flows<int, int>::clock::time_point now{};
  for (int i = 0; i < 20'000; ++i) {
    auto key = int(draw() % 200);
    if (auto* known = all.find(key)) {
      if (draw() % 4 == 0)
        all.close(key), ++closed;
      else
        all.sent(*known, now);
    } else {
      all.open(key, 0, {}, now), ++opened;
    }
    if (draw() % 50 == 0) all.expire(now += 1s);
    REQUIRE(all.size() == opened - ended - closed);
    REQUIRE(all.size() <= 50);
  }
}
