#include "networks.hpp"
#include "protocol/link/link_message.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;

TEST_CASE("as many servers in a row as an open passes are no problem") {
  CHECK(problems_of(chain_text(max_hops - 2, {})).empty());
  CHECK(problems_of(chain_text(max_hops - 2, {"S30"})).empty());
}

TEST_CASE("pairs with more servers between them are named, each with its place") {
  auto found = problems_of(chain_text(max_hops - 1, {"S30"}));
  REQUIRE(found.size() == 3);
  CHECK_THAT(found[0], Contains("transfers.FILE01.to[0]: from HOST1 to HOST2 there are 63 servers") &&
                           Contains("62 at most"));
  CHECK_THAT(found[1], Contains("transfers.FILE02.to[0]: from HOST1 to HOST2"));
  CHECK_THAT(found[2], Contains("transfers.FILE03.to[0]: from HOST1 to HOST2")); // HOST3 is near enough
}

TEST_CASE("a way that goes back and forth is counted as it goes") {
  auto text = chain_text(40, {});
  auto net = nlohmann::json::parse(text);
  net["transfers"] = {{"LONG", {{"from", "HOST1"}, {"to", {"HOST2"}}, {"placement", "manual"}}}};
  net["transfers"]["LONG"]["via"] = {"S39", "S10"};
  auto found = problems_of(net.dump());
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0], Contains("there are 98 servers")); // 38 there, 29 back, 30 there, and the first
}

TEST_CASE("servers beyond the reach of a manager or of a gateway's other end are named, too") {
  auto net = nlohmann::json::parse(chain_text(70, {}));
  net["transfers"] = nlohmann::json::object();
  net["nodes"]["MGR"] = {{"role", "manager"}, {"address", "127.2.1.9:40000"}, {"home", "S1"}};
  auto found = problems_of(net.dump());
  REQUIRE(found.size() == 8); // S63 to S70
  CHECK_THAT(found[0], Contains("nodes.MGR: from MGR to S63 there are 63 servers"));
}
