#include "networks.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace hublink::test {

std::string example_text() {
  std::ifstream file{std::string{HUBLINK_SOURCE_DIR} + "/examples/three-hubs.json"};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string example_with(const std::string& patch) {
  auto tree = nlohmann::json::parse(example_text());
  tree.merge_patch(nlohmann::json::parse(patch));
  return tree.dump();
}

topology network_of(const std::string& text) {
  auto checked = parse_and_check(text);
  if (!checked.problems.empty()) throw std::runtime_error{to_string(checked.problems.front())};
  return checked.value;
}

std::string chain_text(int servers, const std::vector<std::string>& via) {
  nlohmann::json net;
  net["network"] = "chain";
  auto client = [&](const std::string& name, int server, int port) {
    net["nodes"][name] = {{"role", "client"},
                          {"address", "127.2." + std::to_string(server) + ".11:" + std::to_string(port)},
                          {"home", "S" + std::to_string(server)}};
  };
  for (int i = 1; i <= servers; ++i) {
    auto& node = net["nodes"]["S" + std::to_string(i)];
    node = {{"role", "server"},
            {"address", "127.2." + std::to_string(i) + ".1:40000"},
            {"segment", "127.2." + std::to_string(i) + ".0/24"}};
    if (i > 1) node["neighbours"]["S" + std::to_string(i - 1)] = 1;
  }
  client("HOST1", 1, 30001);
  client("HOST2", servers, 30002);
  client("HOST3", (servers + 1) / 2, 30003);
  net["transfers"]["FILE01"] = {{"from", "HOST1"}, {"to", {"HOST2"}}};
  if (!via.empty())
    net["transfers"]["FILE02"] = {
        {"from", "HOST1"}, {"to", {"HOST2"}}, {"placement", "manual"}, {"via", via}};
  net["transfers"]["FILE03"] = {{"from", "HOST1"}, {"to", {"HOST2", "HOST3"}}};
  return net.dump();
}

std::vector<std::string> problems_of(const std::string& text) {
  std::vector<std::string> lines;
  for (const auto& each : parse_and_check(text).problems) lines.push_back(to_string(each));
  return lines;
}

} // namespace hublink::test
