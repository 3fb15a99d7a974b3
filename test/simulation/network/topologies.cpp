#include "simulation/network/topologies.hpp"

#include <algorithm>

namespace hublink::sim {

namespace {

std::string server(int number, const hub_graph& graph) {
  auto n = std::to_string(number);
  std::string neighbours;
  for (const auto& [a, b] : graph.links)
    if (a == number) neighbours += (neighbours.empty() ? "" : ", ") + ("\"S" + std::to_string(b)) + "\": 1";
  return "\"S" + n + R"(": {"role": "server", "address": "127.1.)" + n + R"(.1:40000", "segment": "127.1.)" +
         n + R"(.0/24", "neighbours": {)" + neighbours + "}" +
         (graph.gateways.empty() ? "" : R"(, "proxy": {"enabled": true)" + graph.proxy + "}") +
         (graph.greedy == 0 ? "" : R"(, "limits": {"circuits": 64})") + "}";
}

std::string gateway(const hub_graph::gateway& gateway, std::size_t index) {
  auto calling = std::to_string(gateway.calling), called = std::to_string(gateway.called);
  return "\"" + gateway.name + R"(": {"protocol": "tcp", "calling": "S)" + calling +
         R"(", "listen": "127.1.)" + calling + ".1:" + std::to_string(20'000 + index) + R"(", "called": "S)" +
         called + R"(", "deliver": "127.1.)" + called + R"(.50:5432", "link": ")" +
         (gateway.always ? "always" : "on-use") + "\"}";
}

std::string client(int number) {
  auto n = std::to_string(number);
  return "\"C" + n + R"(": {"role": "client", "address": "127.1.)" + n + R"(.11:30000", "home": "S)" + n +
         R"(", "limits": {"checkpoint": "64KiB", "checkpoint_s": 0.1}})";
}

std::string transfer(const hub_graph::file& file) {
  auto to = "\"C" + std::to_string(file.to) + "\"";
  for (int each : file.also) to += ", \"C" + std::to_string(each) + "\"";
  return "\"" + file.id + R"(": {"from": "C)" + std::to_string(file.from) + R"(", "to": [)" + to + "]" +
         file.more + "}";
}

bool stays_connected(const hub_graph& graph, const std::set<int>& without) {
  std::set<int> reached;
  std::vector<int> open;
  for (int number = 1; number <= graph.servers && open.empty(); ++number)
    if (!without.count(number)) open.push_back(number);
  while (!open.empty()) {
    auto here = open.back();
    open.pop_back();
    if (!reached.insert(here).second) continue;
    for (const auto& [a, b] : graph.links)
      if (auto other = a == here ? b : b == here ? a : 0; other && !without.count(other))
        open.push_back(other);
  }
  return reached.size() + without.size() == std::size_t(graph.servers);
}

} // namespace

std::string three_hubs() {
  return R"({
  "network": "three-hubs",
  "nodes": {
    "ServerA": {"role": "server", "address": "127.1.1.1:40000", "segment": "127.1.1.0/24", "neighbours": {"ServerB": 1, "ServerC": 1}},
    "ServerB": {"role": "server", "address": "127.1.2.1:40000", "segment": "127.1.2.0/24", "neighbours": {"ServerC": 1}},
    "ServerC": {"role": "server", "address": "127.1.3.1:40000", "segment": "127.1.3.0/24"},
    "HOST1": {"role": "client", "address": "127.1.1.11:30000", "home": "ServerA", "limits": {"checkpoint_s": 0.1}},
    "HOST2": {"role": "client", "address": "127.1.2.12:30000", "home": "ServerB", "limits": {"checkpoint_s": 0.1}},
    "HOST3": {"role": "client", "address": "127.1.3.13:30000", "home": "ServerC", "limits": {"checkpoint_s": 0.1}}
  },
  "transfers": {
    "FILE01": {"from": "HOST1", "to": ["HOST2"], "send": {"path": "out/report"}, "receive": {"path": "in/report"}},
    "FILE02": {"from": "HOST1", "to": ["HOST2"], "placement": "manual", "via": ["ServerC"],
               "send": {"path": "out/report"}, "receive": {"path": "in/manual"}},
    "FILE09": {"from": "HOST2", "to": ["HOST1"]}
  }
})";
}

std::string to_topology(const hub_graph& graph) {
  std::string nodes, transfers, gateways;
  for (int number = 1; number <= graph.servers; ++number)
    nodes += (number > 1 ? ",\n" : "") + server(number, graph) + ",\n" + client(number);
  for (const auto& file : graph.files) transfers += (transfers.empty() ? "" : ",\n") + transfer(file);
  for (std::size_t i = 0; i < graph.gateways.size(); ++i)
    gateways += (i == 0 ? "" : ",\n") + gateway(graph.gateways[i], i);
  if (graph.greedy > 0) {
    auto home = std::to_string(graph.greedy), to = std::to_string(1 + graph.greedy % graph.servers);
    nodes += ",\n\"GREEDY\": {\"role\": \"client\", \"address\": \"127.1." + home +
             ".66:30000\", \"home\": \"S" + home + "\"}";
    transfers +=
        (transfers.empty() ? "" : ",\n") + ("\"GREED\": {\"from\": \"GREEDY\", \"to\": [\"C" + to) + "\"]}";
  }
  return R"({"network": "simulated", "nodes": {)" + nodes + "}, \"transfers\": {" + transfers +
         "}, \"gateways\": {" + gateways + "}}";
}

hub_graph chain(int servers) {
  hub_graph made;
  made.servers = servers;
  for (int number = 1; number < servers; ++number) made.links.emplace_back(number, number + 1);
  return made;
}

hub_graph ring(int servers) {
  auto made = chain(servers);
  made.links.emplace_back(1, servers);
  return made;
}

hub_graph grid(int wide, int high) {
  hub_graph made;
  made.servers = wide * high;
  for (int row = 0; row < high; ++row)
    for (int column = 0; column < wide; ++column) {
      const int here = row * wide + column + 1;
      if (column + 1 < wide) made.links.emplace_back(here, here + 1);
      if (row + 1 < high) made.links.emplace_back(here, here + wide);
    }
  return made;
}

int degree(const hub_graph& graph, int number) {
  return int(std::count_if(graph.links.begin(), graph.links.end(),
                           [&](const auto& link) { return link.first == number || link.second == number; }));
}

std::set<int> stoppable(world& in, const hub_graph& graph, std::size_t most, const std::set<int>& needed) {
  std::set<int> stopped;
  for (int tries = 0; tries < 4 * graph.servers && stopped.size() < most; ++tries) {
    auto with = stopped;
    with.insert(1 + int(in.below(std::uint64_t(graph.servers))));
    if (std::any_of(with.begin(), with.end(), [&](int each) { return needed.count(each) != 0; })) continue;
    if (stays_connected(graph, with)) stopped = with;
  }
  return stopped;
}

hub_graph random_graph(world& in, int servers) {
  hub_graph made;
  made.servers = servers;
  for (int number = 2; number <= servers; ++number)
    made.links.emplace_back(1 + int(in.below(std::uint64_t(number - 1))), number);
  for (int a = 1; a <= servers; ++a)
    for (int b = a + 1; b <= servers; ++b) {
      auto known = std::find(made.links.begin(), made.links.end(), std::pair{a, b}) != made.links.end();
      if (!known && in.chance(150)) made.links.emplace_back(a, b);
    }
  return made;
}

} // namespace hublink::sim
