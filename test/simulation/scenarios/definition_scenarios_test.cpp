/// Definitions in the simulation: applied by a manager over its sessions, handed on to clients, taken up,
/// caught up with; and a large network that is logged in to, asked and changed as one.
#include "node/requests/serve_request.hpp"
#include "simulation/network/topologies.hpp"
#include "simulation/network/universe.hpp"
#include "simulation/options.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <malloc.h>
#include <unistd.h>

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;
using json = nlohmann::ordered_json;

namespace {

/// On a file system without a disk behind it, where there is one: thousands of files are synced.
std::filesystem::path make_directory() {
  for (std::string name : {"/dev/shm/hublink-sim.XXXXXX", "/tmp/hublink-sim.XXXXXX"})
    if (::mkdtemp(name.data())) return name;
  throw std::runtime_error("no directory for definitions");
}

/// A manager's network in which every node takes definitions.
struct operated_network {
  explicit operated_network(const std::string& topology, std::uint64_t seed = 1) : on(seed, topology) {
    for (const auto& [name, node] : on.nodes()) node->definitions = directory;
    on.start_all();
  }
  ~operated_network() {
    command({{"verb", "logout"}});
    CHECK(on.quiet(2min));
    CHECK(on.stop_all() == 0);
    std::filesystem::remove_all(directory);
  }

  /// At the manager; its last line.
  json command(const json& line) {
    auto answer = std::make_shared<std::optional<json>>();
    auto keep = [answer](const std::string& text, bool last) {
      if (last) *answer = json::parse(text);
    };
    auto actor = serve_line(on.in.system(), on.at("MGR").services(), line.dump(), keep);
    on.in.run_until([&] { return answer->has_value(); }, 10min);
    CHECK(answer->has_value());
    return answer->value_or(json::object());
  }
  json login() { return command({{"verb", "login"}, {"user", "op"}, {"password", "right"}}); }
  json apply(const std::string& topology) { return command({{"verb", "apply"}, {"topology", topology}}); }

  std::filesystem::path directory = make_directory();
  universe on;
};

std::string with_manager(const hub_graph& graph) {
  auto text = to_topology(graph);
  return text.insert(text.find("\"nodes\": {") + 10,
                     R"("MGR": {"role": "manager", "address": "127.1.0.9:40000", "home": "S1"}, )");
}

hub_graph with_file(hub_graph graph, const std::string& file) {
  graph.files.push_back({file, 1, graph.servers, ""});
  return graph;
}

bool all_are(const json& rows, const char* field, const json& value) {
  return std::all_of(rows.begin(), rows.end(),
                     [&](const auto& row) { return row.value(field, json{}) == value; });
}

} // namespace

TEST_CASE("what a manager applies is in force at every node, and used", "[definitions]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    operated_network net{with_manager(chain(4)), seed};
    CHECK(net.login()["exit"] == 0);
    CHECK_FALSE(net.on.at("C1").current()->sends.count("FILE05"));
    auto applied = net.apply(with_manager(with_file(chain(4), "FILE05")));
    CAPTURE(applied.dump());
    CHECK(applied["nodes"].size() == 9);
    CHECK(all_are(applied["nodes"], "state", "applied"));
    CHECK(net.on.at("C1").current()->sends.count("FILE05"));
    net.on.at("C1").disk().put("out/FILE05", content_of("as applied"));
    CHECK(net.on.transfer("C1", "FILE05").state == transfer_state::done);
  }
}

TEST_CASE("who was away when a manager applied catches up", "[definitions]") {
  auto away = GENERATE("C4", "S4");
  CAPTURE(away);
  operated_network net{with_manager(chain(4))};
  net.login();
  net.on.at(away).crash(GENERATE(true, false));
  auto applied = net.apply(with_manager(with_file(chain(4), "FILE05")));
  CHECK(applied["exit"] != 0);
  CHECK_FALSE(net.on.at("C4").current()->receives.count("FILE05"));
  net.on.repair();
  net.on.in.run_for(1min);
  net.login();
  net.on.in.run_for(2min);
  CHECK(net.on.at("C4").current()->receives.count("FILE05"));
  net.on.at("C1").disk().put("out/FILE05", content_of("as applied"));
  CHECK(net.on.transfer("C1", "FILE05").state == transfer_state::done);
}

TEST_CASE("what was applied is in force after a restart", "[definitions]") {
  operated_network net{with_manager(chain(2))};
  net.login();
  net.apply(with_manager(with_file(chain(2), "FILE05")));
  net.on.at("C1").crash(false);
  net.on.at("S1").crash(false);
  net.on.repair();
  CHECK(net.on.at("C1").current()->sends.count("FILE05"));
  net.on.at("C1").disk().put("out/FILE05", content_of("as applied"));
  CHECK(net.on.transfer("C1", "FILE05").state == transfer_state::done);
}

namespace {

/// A tree: each server has up to twelve below it. The manager is at home at the root.
std::string tree_of(int servers, int cost = 1) {
  constexpr int width = 12;
  std::string nodes = R"("MGR": {"role": "manager", "address": "10.200.0.9:40000", "home": "S0"})";
  for (int i = 0; i < servers; ++i) {
    auto number = std::to_string(i),
         network = "10." + std::to_string(i / 256) + "." + std::to_string(i % 256);
    auto above = i == 0 ? "" : "\"S" + std::to_string((i - 1) / width) + "\": " + std::to_string(cost);
    nodes += ",\n\"S" + number + R"(": {"role": "server", "address": ")" + network +
             R"(.1:40000", "segment": ")" + network +
             R"(.0/24", "limits": {"circuits": 20000}, "neighbours": {)" + above + "}}";
  }
  return R"({"network": "simulated", "transfers": {}, "nodes": {)" + nodes + "}}";
}

/// Real time and memory of one step.
struct measured {
  explicit measured(std::string what) : what_(std::move(what)) {}
  ~measured() {
    auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    auto grown = std::int64_t(::mallinfo2().uordblks) - before_;
    std::cout << what_ << ": " << took << " s, " << grown / 1024 << " KiB more in use" << std::endl;
  }

 private:
  std::string what_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::int64_t before_ = std::int64_t(::mallinfo2().uordblks);
};

} // namespace

TEST_CASE("a large network is logged in to, asked and changed as one", "[definitions][scale]") {
  auto servers = options().servers;
  auto began = std::chrono::steady_clock::now();
  std::optional<operated_network> net;
  {
    measured making{std::to_string(servers) + " servers: compiled and started"};
    net.emplace(tree_of(servers));
  }
  json answer;
  {
    measured logging_in{"login to all"};
    answer = net->login();
  }
  CHECK(answer["sessions"].size() == std::size_t(servers));
  CHECK(all_are(answer["sessions"], "state", "in"));
  {
    measured asking{"status of all"};
    answer = net->command({{"verb", "status"}});
  }
  CHECK(answer["nodes"].size() == std::size_t(servers));
  CHECK_FALSE(answer.contains("missing"));
  {
    measured applying{"apply to all"};
    answer = net->apply(tree_of(servers, 2));
  }
  CHECK(answer["nodes"].size() == std::size_t(servers) + 1);
  CHECK(all_are(answer["nodes"], "state", "applied"));
  for (const auto& [name, node] : net->on.nodes()) {
    auto self = node->current();
    CHECK(std::all_of(self->neighbours.begin(), self->neighbours.end(),
                      [](const auto& peer) { return peer.cost == 2; }));
  }
  {
    measured ending{"logout and end of all"};
    net.reset();
  }
  if (servers <= 200)
    CHECK(std::chrono::steady_clock::now() - began < 5min); // two seconds where nothing else runs
}
