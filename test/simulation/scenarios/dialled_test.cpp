/// Whom a client dials beside its home: the server that its `proxies` name, or the other end of a direct
/// transfer.
#include "simulation/options.hpp"
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

/// `text` in place of each `place`, which is there once.
std::string replaced(std::string topology, const std::string& place, const std::string& text) {
  return topology.replace(topology.find(place), place.size(), text);
}

std::string by_proxy() {
  return replaced(three_hubs(), R"("HOST1": {)", R"("HOST1": {"proxies": {"HOST2": "ServerC"}, )");
}

/// FILE01 goes from HOST1 to HOST2 in one segment, directly.
std::string direct() {
  auto net = replaced(three_hubs(), R"("address": "127.1.2.12:30000", "home": "ServerB")",
                      R"("address": "127.1.1.12:30000", "home": "ServerA")");
  return replaced(net, R"("FILE01": {)", R"("FILE01": {"placement": "direct", )");
}

/// The nodes that anybody told of that transfer, in order.
std::vector<std::string> told_nodes(const universe& on, const transfer_id& transfer) {
  std::vector<std::string> nodes;
  for (const auto& entry : on.events.all())
    if (entry.transfer == transfer && std::holds_alternative<event::told>(entry.what))
      nodes.push_back(entry.node);
  return nodes;
}

using nodes = std::vector<std::string>;

} // namespace

TEST_CASE("a client dials the server that its proxies name for the receiver", "[dialled]") {
  lab net{1, by_proxy()};
  net.source("HOST1", "out/report", "there");
  net.start();
  auto sent = net.transfer("HOST1", "FILE01");
  CHECK(sent.state == transfer_state::done);
  CHECK(told_nodes(net.on, sent.transfer) == nodes{"ServerC", "ServerB", "HOST2"});
  auto pinged = net.on.ping("HOST1", "HOST2");
  REQUIRE((pinged && *pinged));
  CHECK((*pinged)->path.front().node == "ServerC");
  pinged = net.on.ping("HOST1", "HOST3");
  REQUIRE((pinged && *pinged));
  CHECK((*pinged)->path.front().node == "ServerA");
  CHECK(joined(net.account()) == "");
}

TEST_CASE("where a server does not take the client any more, its home has the next transfer", "[dialled]") {
  lab net{2, by_proxy()};
  net.source("HOST1", "out/report", "there");
  net.start();
  net.begin("HOST1", "FILE01");
  REQUIRE(net.on.in.run_until([&] { return net.promised.size() == 1; }, 5s));
  const auto transfer = net.promised.front().transfer;
  REQUIRE(net.on.in.run_until([&] { return told_nodes(net.on, transfer).size() == 3; }, 5s));
  CHECK(told_nodes(net.on, transfer).front() == "ServerC");
  net.on.define(three_hubs());
  CHECK(net.on.in.run_until([&] { return net.on.everything_final(); }, 10min));
  CHECK(net.on.sent("HOST1", transfer)->state == transfer_state::done);
  auto next = net.transfer("HOST1", "FILE01");
  CHECK(next.state == transfer_state::done);
  CHECK(told_nodes(net.on, next.transfer) == nodes{"ServerA", "ServerB", "HOST2"});
  CHECK(joined(net.account()) == "");
}

TEST_CASE("no server takes a client because that one says so", "[dialled]") {
  lab net{3};
  net.source("HOST1", "out/report", "there");
  net.start();
  auto self = net.on.at("HOST1").self();
  self.dialled = {{"ServerC", role::server, *endpoint::parse("127.1.3.1:40000")}};
  self.sends.at("FILE01").dials = "ServerC";
  net.on.at("HOST1").define(self);
  auto sent = net.transfer("HOST1", "FILE01");
  CHECK(sent.state == transfer_state::failed);
  CHECK(told_nodes(net.on, sent.transfer).empty());
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a direct transfer meets no server, and needs none", "[dialled]") {
  lab net{4, direct()};
  net.source("HOST1", "out/report", "there");
  net.start();
  for (const auto* server : {"ServerA", "ServerB", "ServerC"}) net.on.at(server).crash(true);
  auto sent = net.transfer("HOST1", "FILE01");
  CHECK(sent.state == transfer_state::done);
  CHECK(told_nodes(net.on, sent.transfer) == nodes{"HOST2"});
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a direct receiver takes no file that is not direct by its own definition", "[dialled]") {
  lab net{5, direct()};
  net.source("HOST1", "out/report", "there");
  net.start();
  auto self = net.on.at("HOST2").self();
  SECTION("but comes over the hubs") { self.receives.at("FILE01").dials.clear(); }
  SECTION("but from another one") { self.receives.at("FILE01").source = "HOST3"; }
  SECTION("since it has no direct transfers") { self.dialled.clear(); }
  net.on.at("HOST2").define(self);
  auto sent = net.transfer("HOST1", "FILE01");
  CHECK(sent.state == transfer_state::failed);
  CHECK_FALSE(net.on.at("HOST2").disk().get("in/report"));
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a direct transfer goes on where it was, whatever breaks", "[dialled][seeds]") {
  for (auto seed = options().from; seed < options().from + options().seeds / 10; ++seed) {
    lab net{seed,
            replaced(direct(), R"("FILE01": {)", R"("FILE01": {"retry": {"count": 20, "every_s": 1}, )")};
    auto& in = net.on.in;
    net.source("HOST1", "out/report", std::string(500, 'd'));
    net.start();
    for (auto left = in.below(4); left > 0; --left)
      in.after(in.between(0s, 3s), [&] { net.on.net.cut("HOST1", "HOST2"); });
    for (auto left = in.below(3); left > 0; --left)
      in.after(in.between(0s, 3s), [&] {
        auto& node = net.on.at(in.chance(500) ? "HOST1" : "HOST2");
        if (!node.running()) return;
        node.crash(in.chance(600));
        in.after(in.between(10ms, 4s), [&node] {
          if (!node.running()) node.start();
        });
      });
    net.begin("HOST1", "FILE01");
    in.run_for(5s);
    INFO("seed " << seed);
    CHECK(in.run_until([&] { return net.on.everything_final(); }, 10min));
    for (const auto& each : net.promised)
      CHECK(net.on.sent("HOST1", each.transfer)->state == transfer_state::done);
    CHECK(joined(net.account()) == "");
  }
}
