#include "node/topology/transfer_check.hpp"
#include "node/topology/role_check.hpp"

#include <filesystem>
#include <set>

namespace hublink {

namespace {

void check_receivers(const topology& net, const topology_transfer& transfer, const std::string& path,
                     problems& found) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < transfer.to.size(); ++i) {
    const auto& name = transfer.to[i];
    const auto where = path + ".to[" + std::to_string(transfer.to_entry[i]) + "]";
    require_client(net, name, where, found);
    seen.insert(name);
    if (name == transfer.from) found.push_back({where, name + " is the sender; remove it"});
  }
  for (const auto& [name, own] : transfer.receive_paths)
    if (!seen.count(name))
      found.push_back({path + ".receive." + name, name + " is no receiver; add it to \"to\" or remove it"});
}

/// A server's definition has one next step per file: each server comes once, and the sender's home server
/// only first.
void check_via(const topology& net, const topology_transfer& transfer, const std::string& path,
               problems& found) {
  auto* sender = net.find(transfer.from);
  const auto home = sender ? sender->home : "";
  std::set<std::string> seen;
  for (std::size_t i = 0; i < transfer.via.size(); ++i) {
    const auto& name = transfer.via[i];
    const auto where = path + ".via[" + std::to_string(i) + "]";
    require_server(net, name, where, found);
    if (!seen.insert(name).second)
      found.push_back({where, name + " is there twice; a server can be passed by name only once"});
    if (i > 0 && name == home)
      found.push_back({where, name + " is the sender's home server and can only come first; remove it"});
  }
  if (!transfer.broadcast_at) return;
  const auto& point = *transfer.broadcast_at;
  require_server(net, point, path + ".broadcast_at", found);
  const bool last = !transfer.via.empty() && transfer.via.back() == point;
  if (!transfer.via.empty() && !last && (seen.count(point) || point == home))
    found.push_back({path + ".broadcast_at",
                     point + " comes earlier on the way; it must be the last of \"via\" or stand after it"});
}

void check_placement(const topology_transfer& transfer, const std::string& path, problems& found) {
  if (transfer.manual) {
    if (transfer.via.empty() && !transfer.broadcast_at)
      found.push_back({path + ".placement",
                       "manual placement needs \"via\" or \"broadcast_at\"; add one, or write \"auto\""});
    return;
  }
  const auto needs_manual = "only counts with \"placement\": \"manual\"; write that, or remove it";
  if (!transfer.via.empty()) found.push_back({path + ".via", needs_manual});
  if (transfer.broadcast_at) found.push_back({path + ".broadcast_at", needs_manual});
}

/// Two transfers into one file would overwrite each other.
void check_paths(const topology& net, problems& found) {
  std::map<std::pair<std::string, std::string>, std::string> writers;
  for (const auto& [file, transfer] : net.transfers)
    for (const auto& receiver : std::set<std::string>(transfer.to.begin(), transfer.to.end())) {
      const auto written = transfer.path_at(receiver, file);
      if (written.empty()) continue;
      const auto plain = std::filesystem::path{written}.lexically_normal().string();
      auto [writer, is_new] = writers.try_emplace({receiver, plain}, file);
      const auto key =
          transfer.receive_paths.count(receiver) ? ".receive." + receiver + ".path" : ".receive.path";
      if (!is_new)
        found.push_back({"transfers." + file + key, "writes " + shown(written) + " at " + receiver + ", as " +
                                                        writer->second + " does; give each its own path"});
    }
}

} // namespace

void check_transfers(const topology& net, problems& found) {
  for (const auto& [file, transfer] : net.transfers) {
    const auto path = "transfers." + file;
    require_client(net, transfer.from, path + ".from", found);
    check_receivers(net, transfer, path, found);
    check_via(net, transfer, path, found);
    check_placement(transfer, path, found);
  }
  check_paths(net, found);
}

} // namespace hublink
