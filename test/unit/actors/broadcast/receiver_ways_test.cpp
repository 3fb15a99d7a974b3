#include "actors/broadcast/receiver_ways.hpp"
#include "actors/routing/branching.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;
using names = std::vector<std::string>;

namespace {

const failure down{errc::hop_down, "S9", "is down"}, nowhere{errc::no_route, "S9", "no way on"};

std::vector<hop_choice> hops_to(const std::string& host, const names& hops) {
  std::vector<hop_choice> all;
  for (const auto& hop : hops) {
    hop_choice made;
    made.hop.host = host;
    made.hop.hop = hop;
    if (hop != host) made.hop.tell = {host};
    all.push_back(made);
  }
  return all;
}

struct search {
  receiver_ways ways;
  receiver_ways::clock::time_point now{};
  std::uint32_t rounds = 100;
  std::set<std::string> silent{}, settled{};
  std::map<std::string, std::uint64_t> running{}; ///< by hop
  std::vector<std::uint64_t> renew{};

  search() {
    ways.begin({10s, [this] { return ++rounds; }});
  }
  void add(const std::string& host, const names& hops, const receiver_ways::beginning& how = {}) {
    ways.add(host, hops_to(host, hops), how, now);
  }
  /// `HOP: receivers`, of what begins now.
  names due() {
    names lines;
    auto turn = ways.take_due(now, [this](const auto& hop) { return silent.count(hop) != 0; });
    renew = turn.renew;
    for (const auto& each : turn.begin) {
      running[each.way.hop.hop] = each.number;
      auto line = each.way.hop.hop + ":";
      for (const auto& host : hosts_of(each.way)) line += " " + host;
      lines.push_back(line);
    }
    return lines;
  }
  receiver_ways::failures end(const std::string& hop, const failure& why, bool stood = false,
                              std::uint64_t bytes = 0) {
    auto is_settled = [this](const std::string& name) { return settled.count(name) != 0; };
    return ways.end({running.at(hop), stood, false, bytes, why}, is_settled, now);
  }
};

} // namespace

TEST_CASE("receivers go together as far as they go over the same hop") {
  search at;
  at.add("H1", {"S2", "S3"});
  at.add("H2", {"S2", "S4"});
  at.add("H3", {"S3"});
  at.add("H4", {"H4"});
  CHECK(at.due() == names{"S2: H1 H2", "S3: H3", "H4: H4"});
  CHECK(at.due().empty());
}

TEST_CASE("those whose common hop failed go on by their own ones, and together where they can") {
  search at;
  at.add("H1", {"S2", "S3", "S4"});
  at.add("H2", {"S2", "S4", "S3"});
  at.add("H3", {"S2", "S3"});
  CHECK(at.due() == names{"S2: H1 H2 H3"});
  CHECK(at.end("S2", down).empty());
  CHECK(at.due() == names{"S3: H1 H3", "S4: H2"});
  auto gone = at.end("S3", nowhere);
  REQUIRE(gone.size() == 1);
  CHECK(gone.at("H3") == down); // not that the second one had no way on
}

TEST_CASE("who comes later to a hop that others use joins them, unless they have got much already") {
  const bool much = GENERATE(false, true);
  search at;
  at.add("H1", {"S2", "S4"});
  at.add("H2", {"S4"});
  CHECK(at.due() == names{"S2: H1", "S4: H2"});
  CHECK(at.end("S2", down).empty());
  const auto used = at.running.at("S4");
  CHECK(at.due().empty());
  CHECK(at.renew == std::vector{used});
  CHECK(at.due().empty());
  CHECK(at.renew.empty()); // once
  if (much) {
    at.ways.keep({used});
    CHECK(at.due() == names{"S4: H1"});
    return;
  }
  CHECK(at.ways
            .end(
                {used, true, true, 10, {errc::cut, "S1", "anew"}}, [](const auto&) { return false; }, at.now)
            .empty());
  CHECK(at.due() == names{"S4: H1 H2"});
  CHECK(at.renew.empty());
}

TEST_CASE("a receiver that a lower point has no way to is asked for over the next hop at once") {
  search at;
  at.add("H1", {"S2", "S3"});
  at.add("H2", {"S2"});
  CHECK(at.due() == names{"S2: H1 H2"});
  CHECK_FALSE(at.ways.pass_over("H1", nowhere, at.now));
  CHECK(at.due() == names{"S3: H1"});
  CHECK(at.ways.pass_over("H2", nowhere, at.now) == nowhere);
  CHECK(at.ways.pass_over("H1", down, at.now) == down); // nothing was begun: no other search
  CHECK(at.ways.empty());
}

TEST_CASE("what was begun is searched for again, all hops anew, and in another round") {
  search at;
  at.add("H1", {"S2", "S3"}, {7});
  auto first = at.ways.take_due(at.now, [](const auto&) { return false; }).begin;
  REQUIRE(first.size() == 1);
  CHECK(first.front().round == 7);
  CHECK(at.ways
            .end(
                {first.front().number, true, false, 10, {errc::cut, "S2", "cut"}},
                [](const auto&) { return false; }, at.now)
            .empty());
  CHECK(at.due().empty());
  REQUIRE(at.ways.next_turn(at.now) == at.now + 100ms);
  at.now += 100ms;
  CHECK(at.due() == names{"S2: H1"});
  CHECK(at.end("S2", down).empty());
  CHECK(at.due() == names{"S3: H1"});
  CHECK(at.end("S3", down).empty());
  CHECK(at.ways.next_turn(at.now) == at.now + 300ms);
}

TEST_CASE("searches end where nothing comes of them") {
  search at;
  at.add("H1", {"S2"}, {.begun = true});
  receiver_ways::failures gone;
  int searches = 0;
  while (gone.empty() && searches < 10) {
    if (auto next = at.ways.next_turn(at.now)) at.now = *next;
    CHECK(at.due() == names{"S2: H1"});
    gone = at.end("S2", down);
    ++searches;
  }
  CHECK(searches == 6);
  CHECK(at.now < receiver_ways::clock::time_point{} + 15s);
  CHECK(at.ways.empty());
}

TEST_CASE("hops that were tried, and those that are silent, come last") {
  search at;
  at.add("H1", {"S2", "S3"}, {0, {"S2"}});
  at.add("H2", {"S3", "S4"});
  at.add("H3", {"S2"}, {0, {"S2"}}); // the only one
  at.silent = {"S3"};
  CHECK(at.due() == names{"S3: H1", "S4: H2", "S2: H3"});
}

TEST_CASE("who has his result is gone, whatever became of the circuit; what is for good is not tried again") {
  search at;
  for (const auto* host : {"H1", "H2"}) at.add(host, {"S2", "S3"});
  at.due();
  at.settled = {"H1"};
  auto gone = at.end("S2", {errc::no_space, "S2", "no room"});
  CHECK(gone.size() == 1);
  CHECK(gone.count("H2") == 1);
  CHECK(at.ways.empty());
}

TEST_CASE("the home server that can't have it ends the search") {
  search at;
  at.add("H1", {"S2", "S3"});
  at.due();
  CHECK(at.end("S2", {errc::hop_down, "S5", "H1 is off", evidence::seen, true}).size() == 1);
}

TEST_CASE("a hop has the time of all but what another one needs") {
  search at;
  at.add("H1", {"S2", "S3", "S4"});
  auto none = [](const auto&) { return false; };
  auto budget = [&] { return at.ways.take_due(at.now, none).begin.at(0).budget; };
  CHECK(budget() == 6500ms);
  at.now += 6500ms;
  CHECK(at.ways.end({1, false, false, 0, down}, none, at.now).empty());
  CHECK(budget() == 3500ms);
  at.now += 3500ms;
  CHECK(at.ways.end({2, false, false, 0, down}, none, at.now).size() == 1);
}
