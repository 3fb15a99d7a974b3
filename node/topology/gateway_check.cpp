#include "node/topology/gateway_check.hpp"
#include "node/topology/role_check.hpp"

#include <tuple>

namespace hublink {

namespace {

class gateway_check {
 public:
  gateway_check(const topology& net, problems& found) : net_(net), found_(found) {}

  void run() {
    for (const auto& [name, node] : net_.nodes)
      if (node.address) listeners_.try_emplace({false, *node.address}, "node " + name);
    for (const auto& [name, node] : net_.nodes) check_proxy(name, node.proxy);
    for (const auto& [name, gateway] : net_.gateways) check_gateway(name, gateway);
  }

 private:
  void check_proxy(const std::string& node, const proxy_definition& proxy) {
    const auto path = "nodes." + node + ".proxy";
    require_server(net_, proxy.called, path + ".called", found_);
    for (const auto& [key, where] : {std::pair{"socks", proxy.socks}, {"redirect", proxy.redirect}})
      if (where) add_listener(false, *where, path + "." + key, path + "." + key);
  }

  void check_gateway(const std::string& name, const topology_gateway& gateway) {
    const auto path = "gateways." + name;
    require_server(net_, gateway.calling, path + ".calling", found_);
    require_server(net_, gateway.called, path + ".called", found_);
    if (gateway.listen) add_listener(gateway.udp, *gateway.listen, "gateway " + name, path + ".listen");
  }

  /// `owner`: how other problems call it.
  void add_listener(bool udp, const endpoint& where, const std::string& owner, const std::string& path) {
    auto [first, is_new] = listeners_.try_emplace({udp, where}, owner);
    if (!is_new)
      found_.push_back({path, to_string(where) + " is used by " + first->second + " too; give each its own"});
  }

  const topology& net_;
  problems& found_;
  std::map<std::tuple<bool, endpoint>, std::string> listeners_; ///< by UDP or not, and address
};

} // namespace

void check_gateways(const topology& net, problems& found) { gateway_check{net, found}.run(); }

} // namespace hublink
