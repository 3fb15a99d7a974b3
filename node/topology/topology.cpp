#include "node/topology/topology.hpp"

#include "node/topology/gateway_reader.hpp"
#include "node/topology/groups.hpp"
#include "node/topology/json_document.hpp"
#include "node/topology/node_reader.hpp"
#include "node/topology/transfer_reader.hpp"

#include <algorithm>

namespace hublink {

namespace {

constexpr std::size_t longest_name = 64; // X.509's bound of a common name

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

} // namespace

std::string to_string(const problem& what) { return what.path + ": " + what.message; }

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= longest_name && is_letter_or_digit(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

std::string_view to_string(placing value) {
  switch (value) {
  case placing::automatic:
    return "auto";
  case placing::manual:
    return "manual";
  case placing::direct:
    return "direct";
  }
  return "auto";
}

std::string topology_transfer::path_at(const std::string& receiver, const std::string& file) const {
  if (auto own = receive_paths.find(receiver); own != receive_paths.end()) return own->second;
  return receive_path.value_or("in/" + file);
}

const topology_node* topology::find(const std::string& name) const {
  auto found = nodes.find(name);
  return found == nodes.end() ? nullptr : &found->second;
}

bool topology::is_server(const std::string& name) const {
  auto* node = find(name);
  return node && node->role == role::server;
}

std::string topology::dialled_by(const std::string& client, const std::vector<std::string>& hosts) const {
  auto* node = find(client);
  if (!node) return {};
  std::string common;
  for (const auto& host : hosts) {
    auto own = node->proxies.find(host);
    const auto& server = own == node->proxies.end() ? node->home : own->second;
    if (!common.empty() && common != server) return node->home;
    common = server;
  }
  return common.empty() ? node->home : common;
}

parsed_topology parse_topology(std::string_view text) {
  parsed_topology result;
  auto& found = result.problems;
  auto tree = read_json(text, found);
  if (tree.is_discarded()) return result;
  if (tree.is_object()) tree.erase("$schema"); // an editor's
  json_fields file{tree, "", found};
  if (!tree.is_object()) return result;
  result.value.network = file.name("network").value_or("");
  file.require("network", "name the network: \"network\": \"...\"");
  file.require("nodes", "list the nodes: \"nodes\": {\"ServerA\": {\"role\": \"server\", ...}}");
  auto read_all = [&](const char* key, auto& into, auto read) {
    file.object(key, [&](json_fields& entries) {
      entries.each_name([&](const auto& name, const nlohmann::json& value, const auto& path) {
        into[name] = read(value, path, found);
      });
    });
  };
  const bool by_system = file.choice<bool>("resolver", {{"system", true}}).value_or(false);
  read_all("nodes", result.value.nodes,
           [&](const nlohmann::json& value, const std::string& path, problems& noted) {
             return read_node(value, path, by_system, noted);
           });
  read_all("transfers", result.value.transfers, read_transfer);
  read_all("gateways", result.value.gateways, read_gateway);
  file.object("groups", [&](json_fields& groups) {
    groups.each_name([&](const auto& name, const nlohmann::json&, const auto&) {
      result.value.groups[name] = groups.name_list(name);
    });
  });
  file.finish();
  put_in_groups(result.value, found);
  return result;
}

} // namespace hublink
