/// Nodes that are drained: docs/internals/management.md.
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

/// HOST1 sends to HOST2 by two hubs and more, slowly.
struct busy_network {
  std::optional<outcome<drain_report>> report; ///< outlives the network, which may answer when it ends
  lab net;

  busy_network() {
    net.source("HOST1", "out/report", std::string(20'000, 'x'));
    net.start();
    net.begin("HOST1", "FILE01");
    REQUIRE(net.on.in.run_until([&] { return state_at("HOST2") == transfer_state::running; }, 20s));
  }
  std::optional<transfer_state> state_at(const std::string& receiver) {
    for (const auto& [key, record] : net.on.at(receiver).journal().durable().records)
      if (record.side == transfer_side::receiver) return record.state;
    return {};
  }
  void drain(const std::string& node, std::chrono::milliseconds longest) {
    std::function<void(outcome<drain_report>)> keep = [this](const outcome<drain_report>& how) {
      report = how;
    };
    ask<drain_report>(net.on.in, net.on.at(node).supervisor(), 1h, keep, drain_atom_v, longest);
  }
};

} // namespace

TEST_CASE("a drained node ends once what it has begun is over", "[drain]") {
  auto which = GENERATE("HOST1", "ServerA", "ServerB", "HOST2");
  CAPTURE(which);
  busy_network t;
  t.drain(which, 10min);
  REQUIRE(t.net.on.in.run_until([&] { return t.report.has_value(); }, 5min));
  REQUIRE(*t.report);
  CHECK((*t.report)->left == 0);
  CHECK(t.state_at("HOST2") == transfer_state::done);
  CHECK(joined(t.net.account()) == "");
}

TEST_CASE("when the time is up a drained node ends all the same", "[drain]") {
  busy_network t;
  t.drain("ServerA", 0ms);
  REQUIRE(t.net.on.in.run_until([&] { return t.report.has_value(); }, 5s));
  REQUIRE(*t.report);
  CHECK((*t.report)->left == 1);
}

TEST_CASE("a drained node is busy for what is new, and lets managers in", "[drain]") {
  busy_network t;
  t.drain("ServerB", 10min);
  t.net.on.in.run_for(10ms);
  auto ping = t.net.on.ping("HOST1", "HOST2");
  REQUIRE(ping);
  REQUIRE(!*ping);
  CHECK(ping->error().code == errc::busy);
  CHECK(ping->error().hop == "ServerB");
}

TEST_CASE("the last of two orders to drain says for how long", "[drain]") {
  busy_network t;
  t.drain("ServerA", 10min);
  t.net.on.in.run_for(10ms);
  t.drain("ServerA", 0ms);
  REQUIRE(t.net.on.in.run_until([&] { return t.report.has_value(); }, 5s));
  CHECK((*t.report)->left == 1);
}
