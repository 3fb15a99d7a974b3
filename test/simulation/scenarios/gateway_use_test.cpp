/// Gateway links that are made when an application wants one.
#include "simulation/scenarios/gateway_lab.hpp"
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

/// Over S1 – S2 – S3, closed after five seconds.
hub_graph on_use(bool both_ways = false) {
  auto graph = with_gateway(3, false, both_ways);
  graph.proxy = R"(, "idle_s": 5)";
  return graph;
}

void check_done(const gateway_lab& net, std::uint64_t number) {
  const auto& connection = net.connection(number);
  INFO("connection " << number << " " << connection.reason);
  CHECK(to_string(connection.at_calling.state) == to_string(app_state::done));
  CHECK(to_string(connection.at_called.state) == to_string(app_state::done));
  CHECK(connection.at_calling.came == connection.back);
  CHECK(connection.at_called.came == connection.forth);
}

} // namespace

TEST_CASE("a gateway link on use is made for who wants it, and closed behind him", "[gateway]") {
  gateway_lab net{on_use()};
  net.on.start_all();
  net.in.run_for(10min);
  CHECK(net.dials(1) == 0);
  for (int times = 1; times <= 3; ++times) {
    auto first = net.on.connect("DB", 700, 70'000);
    REQUIRE(net.no_application_left(5s));
    check_done(net, first);
    CHECK(net.linked(1, 3));
    CHECK(net.dials(1) == times);
    net.in.run_for(12s);
    CHECK(net.unlinked(1, 3));
    CHECK(net.on.circuits() == 0);
  }
  CHECK(joined(net.account()) == "");
}

TEST_CASE("who wants a gateway link while it is dialled waits for the same dial", "[gateway]") {
  gateway_lab net{on_use()};
  net.on.start_all();
  for (int i = 0; i < 20; ++i) {
    net.on.connect("DB", 100, 100);
    net.in.run_for(7ms);
  }
  CHECK(net.no_application_left(5s));
  for (const auto& [number, connection] : net.on.applications.all()) check_done(net, number);
  CHECK(net.dials(1) == 1);
  CHECK(joined(net.account()) == "");
}

TEST_CASE("who wants a gateway link at the moment at which it is closed gets one", "[gateway]") {
  std::string gateway = GENERATE("DB", "BACK");
  auto use_it = [](gateway_lab& net) {
    net.on.start_all();
    net.on.connect("DB", 1, 1);
    REQUIRE(net.no_application_left(5s));
    return net.in.now();
  };
  gateway_lab watched{on_use(true)};
  auto used = use_it(watched);
  REQUIRE(watched.in.run_until([&] { return watched.unlinked(1, 3); }, 15s));
  auto gone = watched.in.now() - used;
  for (auto moment = gone - 150ms; moment <= gone + 50ms; moment += 3ms) {
    INFO(gateway << " after " << moment / 1ms << " ms");
    gateway_lab net{on_use(true)};
    use_it(net);
    net.in.run_for(moment);
    auto late = net.on.connect(gateway, 30, 40);
    CHECK(net.no_application_left(5s));
    check_done(net, late);
    CHECK(joined(net.account()) == "");
  }
}

TEST_CASE("who wants a gateway link that can't be made is told so in time", "[gateway]") {
  gateway_lab net{on_use()};
  net.on.start_all();
  auto within = duration{want_limit};
  SECTION("its proxy function is off") {
    net.on.at("S3").define(without_proxy(net.on.at("S3").self()));
    within = 1s;
  }
  SECTION("it is away") {
    net.on.at("S3").crash(true);
    within = 1s;
  }
  SECTION("it lost its power") { net.on.at("S3").crash(false); }
  SECTION("a line is silent") { net.on.net.set_line("S2", "S3", line_state::silent); }
  SECTION("the hub is away") {
    net.on.at("S2").crash(true);
    within = 1s;
  }
  net.in.run_for(10ms);
  auto number = net.on.connect("DB", 10, 10);
  CHECK(net.no_application_left(within));
  CHECK(net.connection(number).at_calling.state == app_state::refused);
  auto dials = net.dials(1);
  auto again = net.on.connect("DB", 10, 10); // the same answer at once
  CHECK(net.no_application_left(50ms));
  CHECK(net.connection(again).at_calling.state == app_state::refused);
  CHECK(net.dials(1) == dials);
  net.in.run_for(10min);
  CHECK(net.dials(1) == dials); // nobody wants it
  net.on.define(to_topology(net.graph));
  CHECK(joined(net.account()) == "");
}

TEST_CASE("one fault at every moment of an application that wants a gateway link", "[gateway]") {
  std::vector<std::pair<std::string, std::function<void(universe&)>>> faults;
  for (int first : {1, 2}) {
    auto a = gateway_lab::name(first), b = gateway_lab::name(first + 1);
    faults.emplace_back("cut " + a, [=](universe& on) { on.net.cut(a, b); });
    faults.emplace_back("silent " + a, [=](universe& on) { on.net.set_line(a, b, line_state::silent); });
  }
  for (std::string name : {"S2", "S3"})
    for (bool tell_peers : {true, false})
      faults.emplace_back(name + (tell_peers ? " crashes" : " loses power"),
                          [=](universe& on) { on.at(name).crash(tell_peers); });
  for (const auto& fault : faults)
    for (duration moment{0}; moment <= 400ms; moment += 10ms) {
      INFO(fault.first << " after " << moment / 1ms << " ms");
      gateway_lab net{on_use(), std::uint64_t(1 + moment / 1ms)};
      net.on.start_all();
      net.on.connect("DB", 50'000, 50'000);
      net.in.run_for(moment);
      fault.second(net.on);
      CHECK(net.in.run_until([&] { return net.gateways(1).waiting() == 0; }, want_limit));
      CHECK(net.no_application_left(45s)); // the called one notices a silent line last
      CHECK(joined(net.account()) == "");
    }
}
