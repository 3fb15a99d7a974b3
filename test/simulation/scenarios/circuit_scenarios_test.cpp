/// Circuits that can't be made, or not the first way.
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

/// The example network with own routes at ServerA, and with what replaces them at ServerC.
std::string with_routes(const std::string& at_a, const std::string& at_c = "") {
  auto topology = three_hubs();
  const std::string a = R"("neighbours": {"ServerB": 1, "ServerC": 1})", c = R"("segment": "127.1.3.0/24")";
  topology.replace(topology.find(a), a.size(), a + at_a);
  topology.replace(topology.find(c), c.size(), c + at_c);
  return topology;
}

bool has(const std::vector<std::string>& lines, const std::string& start) {
  return std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return line.starts_with(start); });
}

struct timed {
  transfer_record record;
  duration took;
  std::vector<std::string> events;
};

timed send(lab& net, const std::string& from = "HOST1", const std::string& file = "FILE01") {
  auto asked = net.on.in.now();
  auto record = net.transfer(from, file);
  return {record, net.on.in.now() - asked, net.on.events.of(record.transfer)};
}

/// The lab repeats it: a transfer of it takes a while.
const std::string long_text(2000, 'x');

bool has_partial(lab& net) {
  for (const auto& path : net.on.at("HOST2").disk().list())
    if (path.ends_with(".part")) return true;
  return false;
}

} // namespace

TEST_CASE("the next hop is down, and a second route leads there", "[circuit]") {
  lab net{1, with_routes(R"(, "routes": [{"network": "127.1.2.0/24", "via": "ServerB", "priority": 1},
                                         {"network": "127.1.2.0/24", "via": "ServerC", "priority": 2}])")};
  net.source("HOST1", "out/report", "there");
  net.on.net.set_line("ServerA", "ServerB", line_state::refusing);
  net.start();
  auto done = send(net);
  CHECK(done.record.state == transfer_state::done);
  CHECK(done.took < 2s);
  CHECK(has(done.events, "ServerA next HOST2 by route at ServerB"));
  CHECK(has(done.events, "ServerA refused "));
  CHECK(has(done.events, "ServerA next HOST2 by route at ServerC"));
  CHECK(has(done.events, "ServerB told ServerC FILE01 to HOST2"));
  CHECK(joined(net.account()) == "");
}

TEST_CASE("the next hop is down, and there is no other", "[circuit]") {
  lab net;
  net.source("HOST1", "out/report", "there");
  net.on.net.set_line("ServerB", "HOST2", line_state::refusing);
  net.start();
  auto failed = send(net);
  CHECK(failed.record.state == transfer_state::failed);
  REQUIRE(failed.record.reason);
  CHECK(failed.record.reason->code == errc::hop_down);
  CHECK(failed.record.reason->hop == "ServerB");
  CHECK(failed.took < 1s);
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a route back to who asked is passed over, and the derived route is taken", "[circuit]") {
  lab net{1, with_routes(R"(, "routes": [{"network": "127.1.2.0/24", "via": "ServerC"}])",
                         R"(, "routes": [{"network": "127.1.2.0/24", "via": "ServerA"}])")};
  net.source("HOST1", "out/report", "there");
  net.start();
  auto done = send(net);
  CHECK(done.record.state == transfer_state::done);
  CHECK_FALSE(has(done.events, "ServerC next HOST2 by route at ServerA"));
  CHECK(has(done.events, "ServerC next HOST2 by route at ServerB"));
  CHECK(joined(net.account()) == "");
}

TEST_CASE("nothing but a circle", "[circuit]") {
  lab net{1, with_routes(R"(, "routes": [{"network": "127.1.2.0/24", "via": "ServerC"}])",
                         R"(, "routes": [{"network": "127.1.2.0/24", "via": "ServerA"}])")};
  net.source("HOST1", "out/report", "there");
  net.on.net.set_line("ServerA", "ServerB", line_state::refusing);
  net.on.net.set_line("ServerB", "ServerC", line_state::refusing);
  net.start();
  auto failed = send(net);
  CHECK(failed.record.state == transfer_state::failed);
  CHECK(failed.took < 1s);
  CHECK(joined(net.account()) == "");
}

TEST_CASE("the time budget holds over the whole way, and what was made is abandoned", "[circuit]") {
  lab net;
  net.source("HOST1", "out/report", "there");
  net.on.at("HOST1").open_budget = 2s;
  net.on.net.set_line("ServerB", "HOST2", line_state::silent);
  net.start();
  auto failed = send(net);
  CHECK(failed.record.state == transfer_state::failed);
  REQUIRE(failed.record.reason);
  CHECK(failed.record.reason->code == errc::timed_out);
  CHECK(failed.took < 3s);
  CHECK(net.on.quiet(1s));
  CHECK(joined(net.account()) == "");
}

TEST_CASE("the asker dies before it claims its token", "[circuit]") {
  lab net;
  net.source("HOST1", "out/report", "there");
  net.start();
  net.begin("HOST1", "FILE01");
  auto answered = [&] {
    return !net.promised.empty() && has(net.on.events.of(net.promised[0].transfer), "ServerB opened HOST2");
  };
  REQUIRE(net.on.in.run_until(answered, 5s));
  net.on.at("ServerA").crash(false);
  net.on.in.run_for(40s);
  CHECK(net.on.circuits() == 0);
  CHECK(joined(net.account()) == "");
}

TEST_CASE("what its sender never goes on with is dropped", "[circuit]") {
  lab net;
  net.source("HOST1", "out/report", long_text);
  net.start();
  net.begin("HOST1", "FILE01");
  REQUIRE(net.on.in.run_until([&] { return has_partial(net); }, 5s));
  net.on.in.run_for(300ms); // a checkpoint
  net.on.at("HOST1").crash(true);
  net.on.in.run_for(24h);
  auto transfer = net.promised.at(0).transfer;
  CHECK(net.on.received("HOST2", transfer)->state == transfer_state::queued);
  CHECK(has_partial(net));
  net.on.in.run_for(24h * 7);
  CHECK(net.on.received("HOST2", transfer)->state == transfer_state::failed);
  CHECK_FALSE(has_partial(net));
}

TEST_CASE("what could not be put into place is failed, and stays so after a restart", "[circuit]") {
  lab net;
  net.source("HOST1", "out/report", "there");
  net.start();
  net.on.at("HOST2").disk().next_rename_fault = errc::io_error;
  auto failed = send(net);
  CHECK(failed.record.state == transfer_state::failed);
  CHECK(failed.record.reason->code == errc::io_error);
  net.on.in.run_for(1s);
  net.on.at("HOST2").crash(true);
  net.on.at("HOST2").start();
  net.on.in.run_for(1s);
  CHECK(net.on.received("HOST2", failed.record.transfer)->state == transfer_state::failed);
  CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::done);
  CHECK(joined(net.account()) == "");
}

TEST_CASE("refused where it belongs, with the reason", "[circuit]") {
  lab net;
  net.start();
  SECTION("no such file ID") {
    auto answer = net.on.send("HOST1", "FILE77");
    REQUIRE(answer);
    CHECK(answer->error().code == errc::unknown_file);
  }
  SECTION("no source") {
    auto answer = net.on.send("HOST1", "FILE01");
    REQUIRE(answer);
    CHECK(answer->error().code == errc::file_missing);
  }
  SECTION("no space at the receiver") {
    net.source("HOST1", "out/report", "there");
    net.on.at("HOST2").disk().next_fault = errc::no_space;
    auto failed = send(net);
    CHECK(failed.record.state == transfer_state::failed);
    CHECK(failed.record.reason->code == errc::no_space);
    CHECK(failed.record.reason->hop == "HOST2");
    CHECK(failed.took < 1s);
  }
  SECTION("the source changes while it is sent") {
    net.source("HOST1", "out/report", long_text);
    net.begin("HOST1", "FILE01");
    REQUIRE(net.on.in.run_until([&] { return has_partial(net); }, 5s));
    net.on.at("HOST1").disk().rewrite("out/report", content_of("other"));
    net.on.in.run_for(5s);
    auto* record = net.on.sent("HOST1", net.promised[0].transfer);
    REQUIRE(record);
    CHECK(record->state == transfer_state::failed);
    REQUIRE(record->reason);
    CHECK(record->reason->code == errc::file_changed);
    CHECK_FALSE(net.on.at("HOST2").disk().get("in/report"));
  }
  SECTION("another file takes the source's place while it is sent") {
    net.source("HOST1", "out/report", long_text);
    auto opened = net.on.at("HOST1").disk().get("out/report");
    net.begin("HOST1", "FILE01");
    REQUIRE(net.on.in.run_until([&] { return has_partial(net); }, 5s));
    net.source("HOST1", "out/report", "other");
    net.on.in.run_for(5s);
    CHECK(net.on.sent("HOST1", net.promised[0].transfer)->state == transfer_state::done);
    CHECK(net.on.at("HOST2").disk().get("in/report") == opened);
  }
  CHECK(joined(net.account()) == "");
}
