/// What an operator finds in a node's log.
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

TEST_CASE("a journal that fails while unfinished sends are taken up says so, once", "[log]") {
  lab net;
  net.source("HOST1", "out/report", "taken up or not");
  net.start();
  net.begin("HOST1", "FILE01");
  net.on.in.run_for(20ms);
  auto& host = net.on.at("HOST1");
  host.crash(true);
  host.journal().failing = 1'000;
  host.start();
  net.on.in.run_for(1s);
  CHECK(host.log().count("sends that were unfinished before this start are not taken up") == 1);
  CHECK(host.log().count("journal: disk I/O error") > 0);
}

TEST_CASE("a server whose journal fails at its start says that it takes up no broadcasts", "[log]") {
  lab net;
  net.start();
  auto& server = net.on.at("ServerA");
  server.crash(true);
  server.journal().failing = 1'000;
  server.start();
  net.on.in.run_for(1s);
  CHECK(server.log().count("broadcasts that were begun before this start are not taken up") == 1);
}

TEST_CASE("a link that comes up and goes down is in the log of both ends, with the reason", "[log]") {
  lab net;
  net.source("HOST1", "out/report", "over a link");
  net.start();
  net.transfer("HOST1", "FILE01");
  CHECK(net.on.at("HOST1").log().count("link is up, dialled from here [peer ServerA]") == 1);
  CHECK(net.on.at("ServerA").log().count("link is up, dialled there [peer HOST1]") == 1);
  net.on.at("HOST1").crash(true);
  net.on.in.run_for(1s);
  CHECK(net.on.at("ServerA").log().count("link is down") == 1);
}

TEST_CASE("an unused link's end is in the log", "[log]") {
  lab net;
  net.source("HOST1", "out/report", "over a link");
  net.start();
  net.transfer("HOST1", "FILE01");
  net.on.in.run_for(5min);
  CHECK(net.on.at("HOST1").log().count("link is closed: nothing goes over it [peer ServerA]") == 1);
}
