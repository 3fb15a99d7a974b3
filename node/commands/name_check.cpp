#include "node/commands/name_check.hpp"

#include "node/socket/name_lookups.hpp"

#include <algorithm>

namespace hublink {

namespace {

constexpr std::chrono::seconds patience{5};
constexpr std::size_t at_once = 128;

/// The first place where each name stands.
std::map<std::string, std::string> names_of(const topology& net) {
  std::map<std::string, std::string> names;
  auto add = [&](const std::string& path, const std::optional<dial_address>& where) {
    if (where && where->is_name()) names.try_emplace(where->name, path);
  };
  for (const auto& [name, node] : net.nodes) {
    add("nodes." + name + ".address", node.address);
    for (const auto& [host, where] : node.hosts) add("nodes." + name + ".hosts." + host, where);
  }
  for (const auto& [name, gateway] : net.gateways) add("gateways." + name + ".deliver", gateway.deliver);
  return names;
}

} // namespace

problems find_unknown_names(const topology& net) {
  problems found;
  asio::io_context context;
  name_lookups lookups{context};
  std::size_t asked = 0;
  for (const auto& [name, path] : names_of(net)) {
    lookups.look_up(name, path, patience, [&found, path = path](const auto& addresses) {
      if (!addresses)
        found.push_back({path, addresses.error().text + "; nodes that look it up have to know it"});
    });
    if (++asked % at_once == 0) context.run(), context.restart();
  }
  context.run();
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return found;
}

} // namespace hublink
