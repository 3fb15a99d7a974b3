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

/// A server's definition has one next step per file: each server comes once, and the one that the sender
/// dials only first.
void check_via(const topology& net, const topology_transfer& transfer, const std::string& path,
               problems& found) {
  const auto first = net.dialled_by(transfer.from, transfer.to);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < transfer.via.size(); ++i) {
    const auto& name = transfer.via[i];
    const auto where = path + ".via[" + std::to_string(i) + "]";
    require_server(net, name, where, found);
    if (!seen.insert(name).second)
      found.push_back({where, name + " is there twice; a server can be passed by name only once"});
    if (i > 0 && name == first)
      found.push_back(
          {where, name + " is the server that the sender dials and can only come first; remove it"});
  }
  if (!transfer.broadcast_at) return;
  const auto& point = *transfer.broadcast_at;
  require_server(net, point, path + ".broadcast_at", found);
  const bool last = !transfer.via.empty() && transfer.via.back() == point;
  if (!transfer.via.empty() && !last && (seen.count(point) || point == first))
    found.push_back({path + ".broadcast_at",
                     point + " comes earlier on the way; it must be the last of \"via\" or stand after it"});
}

/// The server in whose segment that address is; empty: in none.
std::string segment_holder(const topology& net, const ip_address& address) {
  for (const auto& [name, other] : net.nodes)
    if (contains(other.segments, address)) return name;
  return {};
}

/// Nobody stands between the two: the sender dials the receiver itself.
void check_direct(const topology& net, const topology_transfer& transfer, const std::string& path,
                  problems& found) {
  const auto where = path + ".placement";
  if (transfer.to.size() > 1)
    return found.push_back({where, "direct placement is for one receiver, and \"to\" names " +
                                       std::to_string(transfer.to.size()) + "; name one, or write \"auto\""});
  if (transfer.policy.store != store_policy::never)
    found.push_back({path + ".store",
                     "no server is there to keep it with \"placement\": \"direct\"; remove it, "
                     "or write \"auto\""});
  auto* sender = net.find(transfer.from);
  auto* receiver = transfer.to.empty() ? nullptr : net.find(transfer.to.front());
  if (!sender || !receiver || !sender->address || !receiver->address) return;
  const auto& to = transfer.to.front();
  if (receiver->dials_out)
    found.push_back({where, to + " can't be dialled (\"dial\": \"out\"), not by " + transfer.from +
                                " either; write \"auto\""});
  const auto from_address = sender->address->known_address(), to_address = receiver->address->known_address();
  if (!from_address || !to_address) return; // by a DNS name, which says nothing of a segment
  const auto here = segment_holder(net, *from_address), there = segment_holder(net, *to_address);
  auto place = [](const std::string& holder) {
    return holder.empty() ? "in no segment" : "in the segment of " + holder;
  };
  if (here != there)
    found.push_back({where, transfer.from + " is " + place(here) + ", " + to + " " + place(there) +
                                ": they do not reach each other directly; write \"auto\""});
}

void check_placement(const topology_transfer& transfer, const std::string& path, problems& found) {
  if (transfer.placement == placing::manual) {
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
    if (transfer.placement == placing::direct) check_direct(net, transfer, path, found);
  }
  check_paths(net, found);
}

} // namespace hublink
