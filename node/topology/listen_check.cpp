#include "node/topology/listen_check.hpp"

#include "protocol/base/special_addresses.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <tuple>
#include <utility>

namespace hublink {

namespace {

/// Names are the same whatever their case.
std::string key_of(const dial_address& where) {
  auto text = to_string(where);
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

class listen_check {
 public:
  listen_check(const topology& net, problems& found) : net_(net), found_(found) {}

  void run() {
    for (const auto& [name, node] : net_.nodes) check_addresses(name, node);
    for (const auto& [name, node] : net_.nodes) {
      check_own(name, node);
      check_reach(name, node);
      check_machines(name, node);
    }
  }

 private:
  using listening = std::pair<std::string, endpoint>; ///< a node, and where

  void check_addresses(const std::string& name, const topology_node& node) {
    if (node.address) {
      auto [owner, is_new] = owners_.try_emplace(key_of(*node.address), std::pair{name, true});
      if (!is_new) note(name, "address", to_string(*node.address), owner->second);
    }
    for (std::size_t i = 0; i < node.listen.size(); ++i) {
      const auto& where = node.listen[i];
      if (is_unspecified(where.address)) continue;
      auto [owner, is_new] = owners_.try_emplace(key_of(where), std::pair{name, false});
      if (!is_new && owner->second.first != name) note(name, place(node, i), to_string(where), owner->second);
    }
  }

  void note(const std::string& name, const std::string& field, const std::string& where,
            const std::pair<std::string, bool>& owner) {
    const auto of_other =
        owner.second ? " is the address of " + owner.first : " is where " + owner.first + " listens";
    found_.push_back({"nodes." + name + "." + field, where + of_other + " too; give each its own"});
  }

  void check_own(const std::string& name, const topology_node& node) {
    for (std::size_t i = 0; i < node.listen.size(); ++i)
      for (std::size_t j = 0; j < node.listen.size(); ++j) {
        const auto &one = node.listen[i], &other = node.listen[j];
        if (i == j || !covers(one, other) || (one == other && i > j)) continue;
        found_.push_back(
            {"nodes." + name + "." + place(node, j),
             to_string(other) + " is within " + to_string(one) + " already; remove one of them"});
      }
  }

  void check_reach(const std::string& name, const topology_node& node) {
    const auto address = node.address ? node.address->known_address() : std::nullopt;
    if (!address || node.listen.empty() || is_loopback(*address)) return;
    auto is_near = [](const endpoint& where) { return is_loopback(where.address); };
    if (std::all_of(node.listen.begin(), node.listen.end(), is_near))
      found_.push_back(
          {"nodes." + name + ".listen", "nobody reaches " + to_string(*node.address) +
                                            " there: these are addresses of loopback; add one that "
                                            "others can reach, or 0.0.0.0:" +
                                            std::to_string(node.address->port)});
  }

  /// Loopback is one machine's, and so is an address at which two listen.
  static std::set<std::string> machines_of(const topology_node& node) {
    std::set<std::string> machines;
    const auto address = node.address ? node.address->known_address() : std::nullopt;
    if (address && is_loopback(*address)) machines.insert("loopback");
    for (const auto& where : listens_of(node))
      if (!is_unspecified(where.address)) machines.insert(to_string(where.address));
    return machines;
  }

  /// Who listens at all addresses of a machine leaves that port to nobody else of it.
  void check_machines(const std::string& name, const topology_node& node) {
    bool said = false;
    for (const auto& machine : machines_of(node))
      for (const auto& where : listens_of(node)) {
        const bool all = is_unspecified(where.address);
        auto& port = ports_[{machine, where.port, where.address.v6}];
        const auto& other = all ? port.first : port.all;
        if (other && other->first != name && !std::exchange(said, true))
          note_machine(name, node, where, *other);
        if (!port.first) port.first = {name, where};
        if (!port.all && all) port.all = {name, where};
      }
  }

  void note_machine(const std::string& name, const topology_node& node, const endpoint& mine,
                    const listening& other) {
    found_.push_back({"nodes." + name + (node.listen.empty() ? ".address" : ".listen"),
                      to_string(mine) + " and " + to_string(other.second) + ", where " + other.first +
                          " listens on the same machine, exclude each other; give each a port of its own"});
  }

  static std::string place(const topology_node& node, std::size_t number) {
    return node.listen.size() == 1 ? "listen" : "listen[" + std::to_string(number) + "]";
  }

  struct port_use {
    std::optional<listening> first, all; ///< who listens there, and who does at all addresses
  };

  const topology& net_;
  problems& found_;
  std::map<std::tuple<std::string, std::uint16_t, bool>, port_use> ports_; ///< by machine, port, IPv6 or not
  std::map<std::string, std::pair<std::string, bool>> owners_; ///< by place: who, and whether as its address
};

} // namespace

endpoints listens_of(const topology_node& node) {
  if (!node.listen.empty() || !node.address || node.address->is_name()) return node.listen;
  return {*node.address->known_endpoint()};
}

bool covers(const endpoint& one, const endpoint& other) {
  if (one == other) return true;
  return one.port == other.port && one.address.v6 == other.address.v6 && is_unspecified(one.address);
}

void check_listens(const topology& net, problems& found) { listen_check{net, found}.run(); }

} // namespace hublink
