/// Hubs that are stopped are gone around by broadcasts, too: each receiver by its own ways.
#include "simulation/options.hpp"
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <set>

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t most_networks = 200;
const std::string word(500, 'w');
const std::uint64_t content_size = 600 * word.size();

std::string hub(int number) { return "S" + std::to_string(number); }

/// Of C1, to all of these clients; `ALL` is the broadcast.
class spreading {
 public:
  spreading(std::uint64_t seed, hub_graph of, std::vector<int> to, const std::string& more = "")
      : graph(with_broadcast(std::move(of), to, more)), receivers(std::move(to)),
        net(seed, to_topology(graph)), in(net.on.in) {
    net.source("C1", "out/file", word);
    net.start();
  }

  void stop(int number) {
    if (net.on.at(hub(number)).running()) net.on.at(hub(number)).crash(in.chance(500));
  }

  /// A machine that went silent on a link that is up is known as such after some seconds, and some attempts.
  void check_sent(std::uint32_t most_attempts = 1) {
    auto sent = net.transfer("C1", "ALL");
    INFO("in attempt " << sent.attempt << (sent.reason ? ": " + sent.reason->text : ""));
    CHECK(to_string(sent.state) == "done");
    CHECK(sent.attempt <= most_attempts);
    last = sent.transfer;
  }

  /// In one search a server asks each of its neighbours once, for whatever it looks for.
  std::string too_many_opens(const transfer_id& search) const {
    std::map<std::tuple<std::string, std::string>, int> opens;
    std::map<std::string, int> attempts;
    for (const auto& entry : net.on.events.all()) {
      if (entry.transfer != search) continue;
      if (auto* told = std::get_if<event::told>(&entry.what))
        attempts[entry.node] = std::max(attempts[entry.node], int(told->attempt));
      if (auto* next = std::get_if<event::next>(&entry.what)) ++opens[{entry.node, next->host}];
    }
    std::string wrong;
    for (int number = 1; number <= graph.servers; ++number)
      for (const auto& [of, count] : opens)
        if (const auto& [node, host] = of; node == hub(number))
          if (count > degree(graph, number) * std::max(attempts[node], 1))
            wrong += node + " looked for " + host + " " + std::to_string(count) + " times; ";
    return wrong;
  }

  /// Between two servers, at most, in bytes, towards the receivers.
  std::uint64_t most_carried(const transfer_id& transfer) const {
    std::map<std::pair<std::string, std::string>, std::uint64_t> carried;
    std::map<std::string, std::string> hops;
    std::set<std::string> points;
    for (const auto& entry : net.on.events.all())
      if (auto* closed = std::get_if<event::closed>(&entry.what); closed && entry.transfer == transfer)
        if (closed->hop) points.insert(entry.node);
    for (const auto& entry : net.on.events.all()) {
      if (entry.transfer != transfer || !entry.node.starts_with("S")) continue;
      if (auto* next = std::get_if<event::next>(&entry.what)) hops[entry.node] = next->hop;
      auto* closed = std::get_if<event::closed>(&entry.what);
      if (!closed || (!closed->hop && points.count(entry.node))) continue;
      const auto hop = closed->hop.value_or(hops[entry.node]);
      if (hop.starts_with("S")) carried[{entry.node, hop}] += closed->bytes;
    }
    std::uint64_t most = 0;
    for (const auto& [line, bytes] : carried) most = std::max(most, bytes);
    return most;
  }

  hub_graph graph;
  std::vector<int> receivers;
  lab net;
  world& in;
  transfer_id last;

 private:
  static hub_graph with_broadcast(hub_graph of, const std::vector<int>& to, const std::string& more) {
    hub_graph::file all{"ALL", 1, to.front(),
                        R"(, "send": {"path": "out/file"}, "receive": {"path": "in/file"})" + more};
    all.also = {to.begin() + 1, to.end()};
    of.files = {std::move(all)};
    return of;
  }
};

std::string wrong_in(spreading& over) {
  std::string all;
  for (const auto& line : over.net.account()) all += line + "\n";
  return all;
}

const std::string again = R"(, "retry": {"count": 30, "every_s": 2})";

std::vector<int> some_receivers(world& in, int servers) {
  std::set<int> drawn;
  const auto wanted = std::min<std::size_t>(2 + in.below(5), std::size_t(servers) - 2);
  while (drawn.size() < std::max<std::size_t>(wanted, 2))
    drawn.insert(2 + int(in.below(std::uint64_t(servers - 1))));
  return {drawn.begin(), drawn.end()};
}

} // namespace

TEST_CASE("a broadcast reaches all around one or two stopped hubs in every network",
          "[broadcast][routing][stopped]") {
  for (auto seed = options().from; seed < options().from + std::min(options().seeds, most_networks); ++seed) {
    world chance{seed};
    auto graph = random_graph(chance, 4 + int(chance.below(27)));
    const auto to = some_receivers(chance, graph.servers);
    std::set<int> ends{to.begin(), to.end()};
    ends.insert(1);
    const auto stopped = stoppable(chance, graph, 1 + chance.below(2), ends);
    const bool is_used = chance.chance(500); // links are up, then, also to what will be stopped
    spreading over{seed, graph, to, again};
    over.in.run_for(over.in.between(0s, 20s));
    if (is_used) over.check_sent();
    for (int each : stopped) {
      over.in.run_for(over.in.between(0s, 3s));
      over.stop(each);
    }
    INFO("seed " << seed << ", " << graph.servers << " servers, " << to.size() << " receivers, "
                 << stopped.size() << " stopped");
    over.check_sent(is_used ? 8 : 1);
    CHECK(over.too_many_opens(over.last) == "");
    CHECK(wrong_in(over) == "");
  }
}

TEST_CASE("a broadcast goes on around hubs that stop while it is carried", "[broadcast][routing][stopped]") {
  for (auto seed = options().from; seed < options().from + std::min(options().seeds, most_networks) / 2;
       ++seed) {
    world chance{seed};
    auto graph = chance.chance(300) ? grid(3, 3) : random_graph(chance, 4 + int(chance.below(12)));
    const auto to = some_receivers(chance, graph.servers);
    std::set<int> ends{to.begin(), to.end()};
    ends.insert(1);
    const auto stopped = stoppable(chance, graph, 1 + chance.below(2), ends);
    spreading over{seed, graph, to, again};
    INFO("seed " << seed << ", " << graph.servers << " servers, " << stopped.size() << " stopped");
    over.in.run_for(2s);
    over.net.begin("C1", "ALL");
    for (int each : stopped) {
      over.in.run_for(over.in.between(0ms, 900ms));
      over.stop(each);
    }
    CHECK(over.in.run_until([&] { return over.net.on.everything_final(); }, 5min));
    for (const auto& each : over.net.promised) {
      auto* record = over.net.on.sent("C1", each.transfer);
      REQUIRE(record);
      CHECK(to_string(record->state) == "done");
    }
    over.check_sent(8);
    CHECK(wrong_in(over) == "");
  }
}

TEST_CASE("the sender's home server takes the place of a broadcast point that is stopped",
          "[broadcast][stopped]") {
  spreading over{1, grid(3, 3), {6, 8, 9}};
  const auto point = *over.net.on.at("C1").self().sends.at("ALL").destination;
  INFO("the point is " << point);
  REQUIRE(point != "S1");
  over.stop(std::stoi(point.substr(1)));
  over.check_sent();
  CHECK(over.too_many_opens(over.last) == "");
  CHECK(wrong_in(over) == "");
}

TEST_CASE("around a stopped hub each line still carries a broadcast once", "[broadcast][stopped]") {
  for (std::uint64_t seed = 1; seed <= 9; ++seed) {
    spreading over{seed, grid(3, 3), {3, 6, 7, 8, 9}};
    over.check_sent();
    const auto before = over.most_carried(over.last);
    over.in.run_for(2min);
    INFO("seed " << seed << ": " << before << " bytes of " << content_size);
    CHECK(before < content_size + content_size / 10);
    over.stop(5);
    over.check_sent();
    over.in.run_for(2min);
    CHECK(over.most_carried(over.last) < before + content_size / 2);
    CHECK(wrong_in(over) == "");
  }
}
