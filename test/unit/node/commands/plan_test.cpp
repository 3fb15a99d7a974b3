#include "networks.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/plan_view.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <unistd.h>

using namespace hublink;
using namespace hublink::test;

namespace {

struct printed {
  int exit = 0;
  std::string out, err;
};

/// Runs a command line in this process.
printed run(const std::string& line) {
  CLI::App app;
  printed result{.exit = -1, .out = {}, .err = {}};
  check_command.set_up(*app.add_subcommand("check"), result.exit);
  plan_command.set_up(*app.add_subcommand("plan"), result.exit);
  std::ostringstream out, err;
  auto *old_out = std::cout.rdbuf(out.rdbuf()), *old_err = std::cerr.rdbuf(err.rdbuf());
  app.parse(line);
  std::cout.rdbuf(old_out);
  std::cerr.rdbuf(old_err);
  result.out = out.str();
  result.err = err.str();
  return result;
}

const auto example_path = std::string{HUBLINK_SOURCE_DIR} + "/examples/three-hubs.json";

/// A topology in a file of its own for as long as the object lives.
class topology_file {
 public:
  explicit topology_file(const std::string& text) : path_(std::filesystem::temp_directory_path() / name()) {
    std::ofstream{path_} << text;
  }
  ~topology_file() { std::filesystem::remove(path_); }
  std::string path() const { return path_; }

 private:
  static std::string name() { return "hublink-plan-test-" + std::to_string(::getpid()) + ".json"; }
  std::filesystem::path path_;
};

} // namespace

TEST_CASE("a topology beyond the limit is refused with the limit") {
  topology_file large{"{}"};
  std::filesystem::resize_file(large.path(), longest_topology + 1);
  auto result = run("check " + large.path());
  CHECK(result.exit == 2);
  CHECK(result.err == large.path() + " has more than 64 MiB, the most that is read\n");
}

TEST_CASE("of many transfers a few are named where none is meant") {
  auto net = nlohmann::json::parse(example_text());
  for (int i = 0; i < 100; ++i)
    net["transfers"]["MORE" + std::to_string(100 + i)] = net["transfers"]["FILE01"];
  for (int i = 0; i < 100; ++i)
    net["transfers"]["MORE" + std::to_string(100 + i)]["receive"]["path"] = "in/" + std::to_string(i);
  topology_file file{net.dump()};
  auto result = run("plan " + file.path() + " NOSUCH");
  CHECK(result.exit == 5);
  CHECK_THAT(result.err, Catch::Contains("there is no transfer NOSUCH; known: FILE01, ") &&
                             Catch::Contains(" and 84 more"));
}

TEST_CASE("check says one line of a good file") {
  auto result = run("check " + example_path);
  CHECK(result.exit == 0);
  CHECK(result.out == "three-hubs: 3 servers, 3 clients, 1 manager, 4 transfers, 2 gateways: no problems\n");
  CHECK(result.err.empty());
}

TEST_CASE("check says every problem of a bad file, one a line") {
  topology_file file{example_with(R"({"nodes": {"HOST1": {"home": "ServerX", "zzz": 1}}})")};
  auto result = run("check " + file.path());
  CHECK(result.exit == 2);
  CHECK(result.out.empty());
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 2);
  CHECK_THAT(result.err, Catch::Contains("nodes.HOST1.home: ") && Catch::Contains("nodes.HOST1.zzz: "));
  auto as_json = nlohmann::json::parse(run("check --json " + file.path()).out);
  CHECK(as_json.at("valid") == false);
  CHECK(as_json.at("problems").size() == 2);
  CHECK(as_json.at("problems").at(1).at("path") == "nodes.HOST1.home");
}

TEST_CASE("a file that can't be read is one clear line") {
  auto path = GENERATE("/nonexistent.json", "/tmp");
  auto result = run(std::string{"check "} + path);
  CHECK(result.exit == 2);
  CHECK_THAT(result.err, Catch::StartsWith(path) && Catch::Contains("can't be read"));
}

TEST_CASE("plan shows the hops of a transfer and what each is told") {
  auto result = run("plan " + example_path + " FILE02");
  CHECK(result.exit == 0);
  CHECK(result.out ==
        "FILE02: HOST1 to HOST2, manual\n"
        "  1. HOST1 dials ServerA at 127.1.1.1:40000 [definition]\n"
        "     told: file FILE02\n"
        "  2. ServerA dials ServerC at 127.1.3.1:40000 [route], else ServerB\n"
        "     told: file FILE02\n"
        "  3. ServerC dials ServerB at 127.1.2.1:40000 [route to HOST2 = 127.1.2.12], else ServerA\n"
        "     told: file FILE02, destination HOST2\n"
        "  4. ServerB dials HOST2 at 127.1.2.12:30000 [registered]\n"
        "     told: file FILE02\n"
        "  arrives at: HOST2\n");
}

TEST_CASE("plan explains the broadcast point") {
  CHECK_THAT(run("plan " + example_path + " FILE03").out,
             Catch::Contains("broadcast point: ServerB (cost 2)"));
  CHECK_THAT(run("plan " + example_path + " FILE04").out, !Catch::Contains("broadcast point"));
}

TEST_CASE("plan of a dead end says where, and exits as the transfer would") {
  topology_file file{example_with(R"({"nodes": {"ServerC": {"hosts": {"HOST2": "10.0.0.2"}}}})")};
  auto result = run("plan " + file.path() + " FILE02");
  CHECK(result.exit == 4);
  CHECK_THAT(result.err,
             Catch::StartsWith("no-route: no route to HOST2 (10.0.0.2)") && Catch::Contains("(at ServerC)"));
  CHECK_THAT(result.out, Catch::Contains("arrives at: nobody"));
  auto as_json = nlohmann::json::parse(run("plan --json " + file.path() + " FILE02").out);
  CHECK(as_json.at("failures").at(0).at("code") == "no-route");
  CHECK(as_json.at("failures").at(0).at("hop") == "ServerC");
}

TEST_CASE("plan of an unknown file names the known ones") {
  auto result = run("plan " + example_path + " FILE99");
  CHECK(result.exit == 5);
  CHECK_THAT(result.err, Catch::Contains("FILE99") && Catch::Contains("FILE01, FILE02"));
}

TEST_CASE("plan as JSON has the documented shapes") {
  auto way = nlohmann::json::parse(run("plan --json " + example_path + " FILE03").out);
  CHECK(way.at("broadcast_point").at("server") == "ServerB");
  CHECK(way.at("arrived") == nlohmann::json{"HOST2", "HOST3"});
  CHECK(way.at("steps").size() == 5);
  CHECK(way.at("steps").at(3) ==
        nlohmann::json::parse(R"({"node": "ServerB", "host": "HOST3", "address": "127.1.3.13",
      "hop": "ServerC", "dialled": "127.1.3.1:40000", "by": "route", "fallback": ["ServerA"], "told": {"file": "FILE03", "destination": "HOST3"}})"));
  auto nodes = nlohmann::json::parse(run("plan --json " + example_path).out).at("nodes");
  CHECK(nodes.at("ServerA").at("transfers").at("FILE02") ==
        nlohmann::json::parse(R"({"next": ["ServerC"], "sender": "HOST1"})"));
  CHECK(nodes.at("ServerA").at("name_routes").at("ServerC") == "ServerC");
  CHECK(nodes.at("HOST1").at("sends").at("FILE01").at("destination") == "HOST2");
  CHECK_FALSE(nodes.at("HOST1").at("sends").at("FILE02").contains("destination"));
  CHECK(nodes.at("HOST2").at("receives").at("FILE02").at("source") == "HOST1");
}

TEST_CASE("plan shows each node's definition") {
  auto out = run("plan " + example_path).out;
  for (auto part : {"ServerA  server  127.1.1.1:40000", "routes       127.1.2.0/24 via ServerB",
                    "FILE02: next ServerC; sent by HOST1", "FILE01: in/report.bin, from HOST1",
                    "MGR 127.1.0.9:40000, manager"})
    CHECK_THAT(out, Catch::Contains(part));
}

TEST_CASE("plan shows limits that differ from the defaults") {
  topology_file file{example_with(R"({"nodes": {"HOST1": {"limits": {"rate": "40MB/s", "checkpoint_s": 0.5}}},
    "transfers": {"FILE01": {"priority": 3, "preempt": true, "rate": 1500}}})")};
  auto out = run("plan " + file.path()).out;
  CHECK_THAT(out, Catch::Contains("priority 3, preempts, at most 1500B/s"));
  CHECK_THAT(out, Catch::Contains("all sends at most 40MB/s"));
  auto host1 = nlohmann::json::parse(run("plan --json " + file.path()).out).at("nodes").at("HOST1");
  CHECK(host1.at("limits").at("rate") == 40'000'000);
  CHECK(host1.at("limits").at("checkpoint_s") == 0.5);
  CHECK(host1.at("sends").at("FILE01").at("rate") == 1500);
  CHECK(host1.at("sends").at("FILE01").at("priority") == 3);
  CHECK_FALSE(host1.at("sends").at("FILE02").contains("rate"));
}

TEST_CASE("plan shows a server's part in gateways") {
  topology_file file{example_with(
      R"({"nodes": {"ServerA": {"proxy": {"enabled": true, "socks": "127.1.1.1:1080", "called": "ServerB"}},
                                               "ServerB": {"proxy": {"enabled": true, "allow": ["127.1.2.50:80"]}},
                                               "ServerC": {"proxy": {"enabled": true}}}})")};
  auto out = run("plan " + file.path()).out;
  for (auto part : {"db tcp 127.1.2.50:5432, listens at 127.1.1.1:15432, called ServerB",
                    "SOCKS5 at 127.1.1.1:1080", "the rest goes by ServerB",
                    "db tcp 127.1.2.50:5432, called by ServerA", "allows 127.1.2.50/32:80", "allows nothing"})
    CHECK_THAT(out, Catch::Contains(part));
}

TEST_CASE("plan says where names are left to the system") {
  topology_file file{example_with(R"({"nodes": {"ServerA": {"resolver": "system"}}})")};
  auto result = run("plan " + file.path() + " FILE01");
  CHECK(result.exit == 0);
  CHECK_THAT(result.out, Catch::Contains("ServerA: names are asked of the system"));
}
