#include "node/topology/groups.hpp"
#include "node/topology/role_check.hpp"

#include <set>

namespace hublink {

namespace {

/// Each receiver once; who is there twice is a mistake of whoever wrote it.
void put_in_receivers(const topology& net, topology_transfer& transfer, const std::string& path,
                      problems& found) {
  std::vector<std::string> names;
  std::vector<std::size_t> entries;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < transfer.to.size(); ++i) {
    auto group = net.find(transfer.to[i]) ? net.groups.end() : net.groups.find(transfer.to[i]);
    const auto members = group == net.groups.end() ? std::vector{transfer.to[i]} : group->second;
    for (const auto& name : members) {
      if (seen.insert(name).second) {
        names.push_back(name);
        entries.push_back(i);
        continue;
      }
      auto by = group == net.groups.end() ? "" : " by the group " + transfer.to[i];
      found.push_back(
          {path + ".to[" + std::to_string(i) + "]", name + " is there twice" + by + "; name it once"});
    }
  }
  transfer.to = std::move(names);
  transfer.to_entry = std::move(entries);
}

/// A member's own entry counts more than its group's. Of two groups that it is in, neither does.
void put_in_paths(const topology& net, topology_transfer& transfer, const std::string& path,
                  problems& found) {
  std::map<std::string, std::string> given_by; ///< member → group
  for (const auto& [group, members] : net.groups) {
    if (net.find(group)) continue;
    auto of_all = transfer.receive_paths.extract(group);
    if (!of_all) continue;
    for (const auto& name : members) {
      auto [entry, is_new] = transfer.receive_paths.try_emplace(name, of_all.mapped());
      auto other = given_by.find(name);
      if (is_new)
        given_by[name] = group;
      else if (other != given_by.end() && other->second != group && entry->second != of_all.mapped())
        found.push_back({path + ".receive." + group, name + " is in the group " + other->second +
                                                         " too, which has another path; give " + name +
                                                         " an entry of its own"});
    }
  }
}

} // namespace

void put_in_groups(topology& net, problems& found) {
  for (auto& [file, transfer] : net.transfers) {
    put_in_receivers(net, transfer, "transfers." + file, found);
    put_in_paths(net, transfer, "transfers." + file, found);
  }
}

void check_groups(const topology& net, problems& found) {
  for (const auto& [name, members] : net.groups) {
    const auto path = "groups." + name;
    if (net.find(name)) found.push_back({path, "is a node's name; call the group otherwise"});
    if (members.empty()) found.push_back({path, "is empty; name a client"});
    std::set<std::string> seen;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const auto where = path + "[" + std::to_string(i) + "]";
      require_client(net, members[i], where, found);
      if (!seen.insert(members[i]).second)
        found.push_back({where, members[i] + " is there twice; keep one of them"});
    }
  }
}

} // namespace hublink
