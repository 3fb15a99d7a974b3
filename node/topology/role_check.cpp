#include "node/topology/role_check.hpp"

namespace hublink {

namespace {

void require_role(const topology& net, const std::string& name, role wanted, const std::string& path,
                  problems& found) {
  if (name.empty()) return;
  const std::string role_name{to_string(wanted)};
  auto* node = net.find(name);
  if (!node)
    found.push_back({path, "there is no node " + name + "; add it or correct the name"});
  else if (node->role && node->role != wanted)
    found.push_back({path, name + " is a " + std::string{to_string(*node->role)} + "; name a " + role_name});
}

} // namespace

void require_server(const topology& net, const std::string& name, const std::string& path, problems& found) {
  require_role(net, name, role::server, path, found);
}

void require_client(const topology& net, const std::string& name, const std::string& path, problems& found) {
  require_role(net, name, role::client, path, found);
}

} // namespace hublink
