/// Gateway links that are kept: made at the start, and again whatever took them down.
#include "simulation/scenarios/gateway_lab.hpp"
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

/// A network that is in order has its links within this after their longest pause.
constexpr duration soon = 5s, longest_pause = 30s;

struct link_fault {
  std::string what;
  std::function<void(gateway_lab&)> happen;
};

/// Over S1 – S2 – S3; each is over after ten seconds.
std::vector<link_fault> link_faults() {
  std::vector<link_fault> all;
  for (int first : {1, 2}) {
    auto a = gateway_lab::name(first), b = gateway_lab::name(first + 1);
    all.push_back({"connections cut " + a + "-" + b, [=](gateway_lab& net) { net.on.net.cut(a, b); }});
    for (auto state : {line_state::silent, line_state::refusing})
      all.push_back(
          {(state == line_state::silent ? "silent " : "refusing ") + a + "-" + b, [=](gateway_lab& net) {
             if (state == line_state::refusing) net.on.net.cut(a, b);
             net.on.net.set_line(a, b, state);
             net.in.after(10s, [&net, a, b] { net.on.net.set_line(a, b, line_state::up); });
           }});
  }
  for (std::string name : {"S1", "S2", "S3"})
    for (bool tell_peers : {true, false})
      all.push_back({name + (tell_peers ? " crashes" : " loses power"), [=](gateway_lab& net) {
                       net.on.at(name).crash(tell_peers);
                       net.in.after(10s, [&net, name] { net.on.at(name).start(); });
                     }});
  return all;
}

} // namespace

TEST_CASE("a kept gateway link is up after the start, over any number of hubs", "[gateway]") {
  auto servers = GENERATE(2, 3, 4);
  CAPTURE(servers);
  gateway_lab net{with_gateway(servers, true)};
  net.on.start_all();
  CHECK(net.becomes_linked(1, servers, soon));
  CHECK(net.dials(1) <= 2); // the hub may start after it
  auto dials = net.dials(1);
  net.in.run_for(10min);
  CHECK(net.linked(1, servers));
  CHECK(net.dials(1) == dials);
  CHECK(net.dials(servers) == 0);
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a kept gateway link that was lost is made again", "[gateway]") {
  for (const auto& fault : link_faults())
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      INFO(fault.what << ", seed " << seed);
      gateway_lab net{with_gateway(3, true), seed};
      net.on.start_all();
      REQUIRE(net.becomes_linked(1, 3, soon));
      fault.happen(net);
      net.in.run_for(10s);
      CHECK(net.dials(1) <= 12); // 0.1 to 0.2 s, then doubled
      net.in.run_for(40s);       // a dead peer is noticed
      CHECK(net.becomes_linked(1, 3, longest_pause + soon));
      CHECK(joined(net.account()) == "");
    }
}

TEST_CASE("a called gateway that is away for long is dialled seldom, by chance, and for ever", "[gateway]") {
  auto tell_peers = GENERATE(true, false);
  CAPTURE(tell_peers);
  gateway_lab net{with_gateway(3, true)};
  net.on.start_all();
  REQUIRE(net.becomes_linked(1, 3, soon));
  net.on.at("S3").crash(tell_peers);
  constexpr auto outage = 30min;
  net.in.run_for(outage);
  auto times = net.dial_times(1);
  auto count = std::int64_t(times.size());
  CHECK(count <= outage / (longest_pause / 2) + 12);
  CHECK(count >= outage / (longest_pause + 15s)); // a dial's own time: its budget and the answer's
  std::set<duration> pauses;
  for (std::size_t i = times.size() / 2; i + 1 < times.size(); ++i) pauses.insert(times[i + 1] - times[i]);
  CHECK(*pauses.begin() >= longest_pause / 2);
  CHECK(*pauses.rbegin() - *pauses.begin() > 5s);
  net.on.at("S3").start();
  CHECK(net.becomes_linked(1, 3, longest_pause + soon));
  CHECK(joined(net.account()) == "");
}

TEST_CASE("of the links that both gateways dialled one stays", "[gateway]") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    gateway_lab net{with_gateway(3, true, true), seed};
    net.on.start_all();
    CHECK(net.becomes_linked(1, 3, soon));
    net.in.run_for(10s);
    CHECK(net.gateways(1).links() == 1);
    CHECK(net.gateways(3).links() == 1);
    CHECK(net.dials(1) + net.dials(3) <= 4);
    net.on.net.cut("S2", "S3");
    net.in.run_for(40s);
    CHECK(net.linked(1, 3));
    CHECK(net.dials(1) + net.dials(3) <= 8);
    CHECK(joined(net.account()) == "");
  }
}

TEST_CASE("one fault at every moment while both gateways dial", "[gateway]") {
  for (const auto& fault : link_faults())
    for (duration moment{0}; moment <= 250ms; moment += 10ms) {
      INFO(fault.what << " after " << moment / 1ms << " ms");
      gateway_lab net{with_gateway(3, true, true), std::uint64_t(1 + moment / 1ms)};
      for (const auto& [name, node] : net.on.nodes()) node->start();
      net.in.run_for(moment);
      fault.happen(net);
      net.in.run_for(15s);
      CHECK(joined(net.account()) == "");
    }
}
