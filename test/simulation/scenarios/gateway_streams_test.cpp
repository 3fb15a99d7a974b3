/// Applications on gateway links that end, and on links whose terms change.
#include "simulation/scenarios/gateway_lab.hpp"
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t much = 20'000'000; ///< bytes that take long

bool both_are(const app_connection& connection, app_state state) {
  return connection.at_calling.state == state && connection.at_called.state == state;
}

/// With one connection in the middle of its bytes.
struct busy_lab : gateway_lab {
  explicit busy_lab(hub_graph of) : gateway_lab(std::move(of)) {
    on.start_all();
    REQUIRE(becomes_linked(1, 3, 5s));
    busy = on.connect("DB", much, much);
    REQUIRE(in.run_until([this] { return connection(busy).at_calling.came > 100'000; }, 20s));
  }
  std::uint64_t busy;
};

} // namespace

TEST_CASE("every byte of many applications comes, in order", "[gateway]") {
  gateway_lab net{with_gateway(4, true, true)};
  net.on.start_all();
  for (int i = 0; i < 30; ++i) {
    auto sizes = std::array{0, 1, 16 * 1024, 300'000, 1'000'000};
    net.on.connect(i % 2 ? "DB" : "BACK", std::uint64_t(sizes[i % 5]), std::uint64_t(sizes[i % 4]));
    net.in.run_for(20ms);
  }
  CHECK(net.no_application_left(2min));
  for (const auto& [number, connection] : net.on.applications.all()) {
    INFO(number);
    CHECK(both_are(connection, app_state::done));
    CHECK(connection.at_calling.came == connection.back);
    CHECK(connection.at_called.came == connection.forth);
  }
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a gateway link that ends ends its applications' connections at both ends at once", "[gateway]") {
  busy_lab net{with_gateway(3, true)};
  SECTION("cut") { net.on.net.cut("S2", "S3"); }
  SECTION("the hub crashes") { net.on.at("S2").crash(true); }
  SECTION("the calling gateway crashes") { net.on.at("S1").crash(true); }
  SECTION("the called gateway crashes") { net.on.at("S3").crash(true); }
  SECTION("it is closed") { net.gateways(3).close_links(); }
  net.in.run_for(200ms);
  CHECK(both_are(net.connection(net.busy), app_state::reset));
  net.on.repair();
  CHECK(net.becomes_linked(1, 3, 10s));
  auto next = net.on.connect("DB", 5'000, 5'000);
  CHECK(net.no_application_left(5s));
  CHECK(both_are(net.connection(next), app_state::done));
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a gateway link that is silent ends its connections when it is found dead", "[gateway]") {
  busy_lab net{with_gateway(3, true)};
  net.on.net.set_line("S1", "S2", line_state::silent);
  net.in.run_for(45s);
  CHECK(both_are(net.connection(net.busy), app_state::reset));
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a called gateway that is switched off takes nothing new, and what is open goes on", "[gateway]") {
  busy_lab net{with_gateway(3, true)};
  net.on.at("S3").define(without_proxy(net.on.at("S3").self()));
  net.in.run_for(100ms);
  auto refused = net.on.connect("DB", 1, 1);
  net.in.run_for(1s);
  CHECK(net.connection(refused).at_calling.state == app_state::refused);
  CHECK(both_are(net.connection(net.busy), app_state::open));
  net.on.net.cut("S2", "S3");
  net.in.run_for(5min);
  CHECK(net.unlinked(1, 3));
  CHECK(net.dials(1) <= 32); // refused each time, with longer and longer pauses
  net.on.define(to_topology(net.graph));
  CHECK(net.becomes_linked(1, 3, 35s));
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a calling gateway that is switched off keeps no links", "[gateway]") {
  auto while_it_waits = GENERATE(true, false); // for its next dial, or with the link up
  CAPTURE(while_it_waits);
  gateway_lab net{with_gateway(3, true)};
  net.on.start_all();
  REQUIRE(net.becomes_linked(1, 3, 5s));
  if (while_it_waits) {
    net.on.at("S3").crash(true);
    net.in.run_for(1min);
  }
  net.on.at("S1").define(without_proxy(net.on.at("S1").self()));
  net.in.run_for(1s);
  auto dials = net.dials(1);
  net.on.repair();
  net.on.net.cut("S1", "S2");
  net.in.run_for(5min);
  CHECK(net.unlinked(1, 3));
  CHECK(net.dials(1) == dials);
  net.on.define(to_topology(net.graph));
  CHECK(net.becomes_linked(1, 3, 5s));
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a calling gateway whose proxy function is off dials nobody", "[gateway]") {
  auto topology = to_topology(with_gateway(3, true));
  const std::string on = R"("enabled": true)";
  universe net{1, topology.replace(topology.find(on), on.size(), R"("enabled": false)")};
  net.start_all();
  net.in.run_for(5min);
  CHECK(gateway_dials(net, "S1") == 0);
  CHECK(net.stop_all() == 0);
}

TEST_CASE("another called gateway is dialled as soon as a definition names it", "[gateway]") {
  busy_lab net{with_gateway(3, true)};
  net.graph.gateways[0].called = 2;
  net.on.define(to_topology(net.graph));
  CHECK(net.becomes_linked(1, 2, 5s));
  auto next = net.on.connect("DB", 10, 10);
  net.in.run_for(1s);
  CHECK(both_are(net.connection(next), app_state::done));
  CHECK(both_are(net.connection(net.busy), app_state::open)); // by the definition that it was opened under
  auto dials = net.dials(1);
  net.on.net.cut("S2", "S3");
  net.in.run_for(5min);
  CHECK(net.unlinked(1, 3));
  CHECK(net.linked(1, 2));
  CHECK(net.dials(1) == dials);
  CHECK(joined(net.account()) == "");
}

TEST_CASE("the link to a gateway that is revoked goes down and stays down", "[gateway]") {
  auto where = GENERATE(1, 3); // who learns of it
  CAPTURE(where);
  busy_lab net{with_gateway(3, true)};
  net.on.at(gateway_lab::name(where)).revoke(gateway_lab::name(4 - where));
  net.in.run_for(200ms);
  CHECK(net.unlinked(1, 3));
  CHECK(both_are(net.connection(net.busy), app_state::reset));
  auto ups = net.gateways(1).times_up("S3") + net.gateways(3).times_up("S1");
  for (int minute = 0; minute < 20; ++minute) {
    auto number = net.on.connect("DB", 1, 1);
    net.in.run_for(1min);
    CHECK(net.connection(number).at_calling.state == app_state::refused);
  }
  CHECK(net.gateways(1).times_up("S3") + net.gateways(3).times_up("S1") == ups);
  CHECK(net.dials(1) <= 20 * 60 / 15 + 32);
  CHECK(net.on.stop_all() == 0);
}

TEST_CASE("the gateway actor answers who asks for its links", "[gateway]") {
  gateway_lab net{with_gateway(2, true)};
  net.on.start_all();
  REQUIRE(net.becomes_linked(1, 2, 5s));
  std::optional<outcome<gateway_report>> answer;
  std::function<void(outcome<gateway_report>)> keep = [&](outcome<gateway_report> got) { answer = got; };
  ask<gateway_report>(net.in, *net.on.at("S1").actors().gateway, 5s, keep, gateways_atom_v);
  net.in.run_for(100ms);
  REQUIRE(answer);
  REQUIRE(*answer);
  CHECK((*answer)->enabled);
  REQUIRE((*answer)->links.size() == 1);
  CHECK((*answer)->links[0].peer == "S2");
  CHECK((*answer)->links[0].up);
  CHECK((*answer)->links[0].dialled);
  CHECK(joined(net.account()) == "");
}
