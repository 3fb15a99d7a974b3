/// Links between neighbours: who stays, who goes, who notices.
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

TEST_CASE("of two links dialled at once one stays", "[link]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    lab net{seed};
    net.source("HOST1", "out/report", "there");
    net.source("HOST2", "out/FILE09", "back");
    net.start();
    net.begin("HOST1", "FILE01");
    net.begin("HOST2", "FILE09");
    net.on.in.run_for(20s);
    REQUIRE(net.promised.size() == 2);
    for (const auto& each : net.promised)
      CHECK(net.on.sent(each.from, each.transfer)->state == transfer_state::done);
    CHECK(net.on.at("ServerA").links() == 2); // to HOST1 and ServerB
    CHECK(net.on.at("ServerB").links() == 2);
    CHECK(joined(net.account()) == "");
  }
}

TEST_CASE("a link that is not used is closed, and made anew when needed", "[link]") {
  lab net;
  net.source("HOST1", "out/report", "there");
  net.start();
  CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::done);
  net.on.in.run_for(10s);
  CHECK(net.on.at("ServerA").links() == 2);
  net.on.in.run_for(80s);
  for (const auto& [name, node] : net.on.nodes()) {
    INFO(name);
    CHECK(node->links() == 0);
  }
  CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::done);
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a silent line is noticed by the heartbeat, at both ends", "[link]") {
  lab net;
  net.source("HOST1", "out/report", "there");
  net.start();
  CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::done);
  net.on.net.set_line("ServerA", "ServerB", line_state::silent);
  net.on.in.run_for(link_timing{}.beat_limit + 2s);
  CHECK(net.on.at("ServerA").links() == 1);
  CHECK(net.on.at("ServerB").links() == 1);
  net.on.net.set_line("ServerA", "ServerB", line_state::up);
  CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::done);
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a restarted neighbour is known by its incarnation: nothing waits for its former life", "[link]") {
  lab net;
  net.source("HOST1", "out/report", "there");
  net.start();
  CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::done);
  net.on.at("ServerB").crash(false);
  net.on.in.run_for(10ms);
  net.on.at("ServerB").start();
  net.on.in.run_for(50ms);
  auto asked = net.on.in.now();
  auto lost = net.transfer("HOST1", "FILE01"); // over a link that is half dead
  CHECK(is_final(lost.state));
  CHECK(net.on.in.now() - asked < 1s);
  CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::done);
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a client that can't be dialled keeps its link, and takes circuits over it", "[link]") {
  auto topology = three_hubs();
  const std::string host2 = R"("address": "127.1.2.12:30000")";
  topology.replace(topology.find(host2), host2.size(), host2 + R"(, "dial": "out")");
  lab net{1, topology};
  net.source("HOST1", "out/report", "there");
  net.source("HOST2", "out/FILE09", "back");
  net.start();
  net.on.in.run_for(3min);
  CHECK(net.on.at("HOST2").links() == 1);
  CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::done);
  CHECK(net.transfer("HOST2", "FILE09").state == transfer_state::done);
  SECTION("its link is redialled") {
    net.on.net.cut("HOST2", "ServerB");
    net.on.in.run_for(2s);
    CHECK(net.on.at("HOST2").links() == 1);
    CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::done);
  }
  SECTION("also after a long silence") {
    net.on.net.set_line("HOST2", "ServerB", line_state::silent);
    net.on.in.run_for(5min);
    CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::failed);
    net.on.net.set_line("HOST2", "ServerB", line_state::up);
    net.on.in.run_for(1min);
    CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::done);
  }
  CHECK(joined(net.account()) == "");
}

namespace {

/// A ring of three, and a transfer from C1 to C2 that takes about a minute.
struct slow_ring {
  hub_graph graph = with_slow_file(ring(3));
  lab net{1, to_topology(graph)};

  static hub_graph with_slow_file(hub_graph graph) {
    graph.files = {{"SLOW", 1, 2, ""}};
    return graph;
  }
  slow_ring() {
    net.source("C1", "out/SLOW", std::string(40'000, 'x'));
    net.start();
    net.begin("C1", "SLOW");
    net.on.in.run_for(5s);
    REQUIRE(net.promised.size() == 1);
    REQUIRE(state() == transfer_state::running);
    REQUIRE(net.on.at("S1").links() == 2); // to C1 and S2
  }
  transfer_state state() { return net.on.sent("C1", net.promised[0].transfer)->state; }
};

} // namespace

TEST_CASE("what goes over a link that a definition takes away ends soon, and goes on elsewhere", "[link]") {
  slow_ring slow;
  auto& on = slow.net.on;
  std::erase(slow.graph.links, std::pair{1, 2});
  on.define(to_topology(slow.graph));
  on.in.run_for(link_timing{}.farewell - 2s); // it may come to its end
  CHECK(on.at("S1").links() == 2);
  CHECK(on.at("S3").links() == 0);
  on.in.run_for(15s);
  CHECK(on.at("S3").links() == 2); // to S1 and S2
  CHECK(on.at("S1").links() == 2); // to C1 and S3
  on.in.run_for(2min);
  CHECK(slow.state() == transfer_state::done);
  CHECK(joined(slow.net.account()) == "");
}

TEST_CASE("what a definition grants no more ends soon, at every node on the way", "[link]") {
  slow_ring slow;
  auto& on = slow.net.on;
  slow.graph.files.clear();
  on.define(to_topology(slow.graph));
  on.in.run_for(link_timing{}.farewell - 2s);
  CHECK(on.circuits() > 0);
  on.in.run_for(10s);
  CHECK(on.circuits() == 0);
  CHECK(on.at("S1").links() == 2); // they are neighbours still
  on.in.run_for(2min);
  CHECK(slow.state() == transfer_state::failed);
  CHECK(on.stop_all() == 0);
}

TEST_CASE("what a definition grants again in time goes on", "[link]") {
  slow_ring slow;
  auto& on = slow.net.on;
  auto without = slow.graph;
  without.files.clear();
  on.define(to_topology(without));
  on.in.run_for(10s);
  on.define(to_topology(slow.graph));
  on.in.run_for(2min);
  CHECK(slow.state() == transfer_state::done);
  CHECK(on.sent("C1", slow.net.promised[0].transfer)->attempt == 1);
  CHECK(joined(slow.net.account()) == "");
}

TEST_CASE("a node whose clock jumps ahead and back loses its links, and they come back", "[link]") {
  slow_ring slow;
  auto& on = slow.net.on;
  on.at("S1").distrust({"S2", "S3", "C1"});
  on.in.run_for(10ms);
  CHECK(on.at("S1").links() == 0);
  CHECK(on.at("S1").circuits() == 0);
  on.at("S1").distrust({});
  on.in.run_for(3min);
  CHECK(slow.state() == transfer_state::done);
  CHECK(joined(slow.net.account()) == "");
}
