#include "node/definition/definition_size.hpp"
#include "actors/base/near_limits.hpp"
#include "node/base/json_text.hpp"
#include "node/definition/definition_json.hpp"
#include "node/topology/compiler.hpp"
#include "protocol/definition/signed_definition.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <set>

namespace hublink {

namespace {

// Bytes of JSON that surround the names and texts of a definition, at most.
constexpr std::size_t of_itself = 8 << 10, of_a_name = 8, of_a_row = 130, of_a_transfer = 700,
                      at_a_server = 400; // of a transfer, too
/// In hex, with its name.
constexpr std::size_t of_a_certificate = 4096;
/// Of one server's further neighbours towards each other one.
constexpr std::size_t most_other_ways = 8;
/// What is signed has the names of network and node beside the content.
constexpr std::size_t beside_content = 1024;

/// Each node's definition has no more than that; nothing is compiled for it.
class upper_bounds {
 public:
  explicit upper_bounds(const topology& net) : net_(net) {
    std::size_t longest_server = 0, servers = 0;
    for (const auto& [name, node] : net.nodes) {
      hosts_ += name.size() + of_a_name + (node.address ? to_string(*node.address).size() : 0);
      if (node.role != role::server) continue;
      ++servers;
      longest_server = std::max(longest_server, name.size());
      routes_ += node.segments.size() * (of_a_row + name.size());
    }
    for (const auto& [name, node] : net.nodes) {
      own_[name] += of_a_row * (node.routes.size() + node.hosts.size() + node.managers_from.size() +
                                node.proxy.allow.size() + node.segments.size());
      if (node.role == role::server) continue;
      own_[node.home] += of_a_row + row_of(name, node);
      auto* home = net.find(node.home);
      auto address = node.address ? node.address->known_address() : std::nullopt;
      if (!home || !address || !contains(home->segments, *address)) routes_ += of_a_row + name.size();
    }
    for (const auto& [name, node] : net.nodes)
      for (const auto& [other, cost] : node.neighbours) {
        own_[name] += of_a_row + other.size();
        own_[other] += of_a_row + name.size();
      }
    routes_ += servers * (longest_server + of_a_name) * (2 + most_other_ways);
    for (const auto& [file, transfer] : net.transfers) add_transfer(file, transfer);
  }

  std::size_t of(const std::string& name) const {
    const auto& node = *net_.find(name);
    auto found = own_.find(name);
    auto all = of_itself + (found == own_.end() ? 0 : found->second);
    if (node.role == role::server) all += hosts_ + routes_ + net_.gateways.size() * of_a_transfer;
    if (node.role == role::manager) all += 3 * hosts_ + directory_;
    return all;
  }

 private:
  static std::size_t row_of(const std::string& name, const topology_node& node) {
    return 2 * name.size() + 2 * of_a_name + (node.address ? to_string(*node.address).size() : 0) +
           node.home.size();
  }

  /// As JSON may have to write each character.
  static std::size_t paths_of(const topology_transfer& transfer) {
    auto all = transfer.send_path.value_or("").size();
    auto longest = transfer.receive_path.value_or("").size();
    for (const auto& [name, path] : transfer.receive_paths) longest = std::max(longest, path.size());
    return 6 * std::max(all, longest);
  }

  void add_transfer(const std::string& file, const topology_transfer& transfer) {
    std::size_t names = 0;
    for (const auto& receiver : transfer.to) names += 2 * (receiver.size() + of_a_name);
    const auto row = of_a_transfer + 2 * file.size() + transfer.from.size() + names + paths_of(transfer);
    std::set<std::string> nodes{transfer.via.begin(), transfer.via.end()};
    if (transfer.broadcast_at) nodes.insert(*transfer.broadcast_at);
    auto add = [&](const std::string& client) {
      nodes.insert(client);
      if (auto* node = net_.find(client)) nodes.insert(node->home);
    };
    add(transfer.from);
    for (const auto& receiver : transfer.to) add(receiver);
    for (const auto& node : nodes)
      own_[node] += net_.is_server(node) ? row - of_a_transfer + at_a_server : row;
    const bool is_sealed = transfer.to.size() > 1 || transfer.policy.store != store_policy::never;
    if (is_sealed) own_[transfer.from] += transfer.to.size() * of_a_certificate;
    directory_ += file.size() + transfer.from.size() + of_a_name;
  }

  const topology& net_;
  std::size_t hosts_ = 0, routes_ = 0, directory_ = 0; ///< that many nodes have alike
  std::map<std::string, std::size_t> own_;
};

/// Nodes and the sizes of their definitions that have more than `percent` of what is allowed, which goes
/// along.
struct long_definition {
  std::string node;
  std::size_t size = 0, most = 0;
};

std::vector<long_definition> definitions_beyond(unsigned percent, const topology& net,
                                                const certificate_map& certificates,
                                                const std::string& manager) {
  std::vector<long_definition> found;
  const upper_bounds bounds{net};
  std::optional<network_compiler> compiler;
  for (const auto& [name, node] : net.nodes) {
    const bool goes_nowhere = node.role == role::manager && (manager.empty() || manager == name);
    const auto most = goes_nowhere ? longest_definition : longest_carried_definition;
    if (bounds.of(name) <= most / 100 * percent) continue;
    if (!compiler) compiler.emplace(net);
    auto self = compiler->compile(name);
    add_certificates(self, certificates);
    const auto size = to_line(json_of(self)).size() + beside_content;
    if (size > most / 100 * percent) found.push_back({name, size, most});
  }
  return found;
}

} // namespace

problems find_long_definitions(const topology& net, const certificate_map& certificates,
                               const std::string& manager) {
  problems found;
  for (const auto& each : definitions_beyond(100, net, certificates, manager))
    found.push_back({"nodes." + each.node, "its definition would have " + std::to_string(each.size) +
                                               " bytes, and " + std::to_string(each.most) +
                                               " are allowed; give some of its transfers to another node"});
  return found;
}

problems find_nearly_long_definitions(const topology& net) {
  problems found;
  for (const auto& each : definitions_beyond(near_limit, net, {}, {}))
    if (each.size <= each.most)
      found.push_back({"nodes." + each.node, "its definition has " + std::to_string(each.size) + " of the " +
                                                 std::to_string(each.most) + " bytes that are allowed"});
  return found;
}

} // namespace hublink
