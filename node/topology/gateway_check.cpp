#include "node/topology/gateway_check.hpp"
#include "node/topology/listen_check.hpp"
#include "node/topology/role_check.hpp"

#include <tuple>

namespace hublink {

namespace {

class gateway_check {
 public:
  gateway_check(const topology& net, problems& found) : net_(net), found_(found) {}

  void run() {
    for (const auto& [name, node] : net_.nodes)
      for (const auto& where : listens_of(node)) listeners_.try_emplace({false, where}, "node " + name);
    for (const auto& [name, node] : net_.nodes) check_proxy(name, node.proxy);
    for (const auto& [name, gateway] : net_.gateways) check_gateway(name, gateway);
  }

 private:
  void check_proxy(const std::string& node, const proxy_definition& proxy) {
    const auto path = "nodes." + node + ".proxy";
    require_server(net_, proxy.called, path + ".called", found_);
    for (const auto& [key, where] : {std::pair{"socks", proxy.socks}, {"redirect", proxy.redirect}})
      if (where) add_listener(node, false, *where, path + "." + key, path + "." + key);
  }

  void check_gateway(const std::string& name, const topology_gateway& gateway) {
    const auto path = "gateways." + name;
    require_server(net_, gateway.calling, path + ".calling", found_);
    require_server(net_, gateway.called, path + ".called", found_);
    if (gateway.listen)
      add_listener(gateway.calling, gateway.udp, *gateway.listen, "gateway " + name, path + ".listen");
  }

  /// At the server `at`; `owner`: how other problems call it.
  void add_listener(const std::string& at, bool udp, const endpoint& where, const std::string& owner,
                    const std::string& path) {
    auto [first, is_new] = listeners_.try_emplace({udp, where}, owner);
    if (!is_new)
      found_.push_back({path, to_string(where) + " is used by " + first->second + " too; give each its own"});
    auto* server = net_.find(at);
    if (udp || !is_new || !server) return;
    for (const auto& own : listens_of(*server))
      if (covers(own, where))
        found_.push_back({path, to_string(where) + " is within " + to_string(own) + ", where " + at +
                                    " itself listens; give it a port of its own"});
  }

  const topology& net_;
  problems& found_;
  std::map<std::tuple<bool, endpoint>, std::string> listeners_; ///< by UDP or not, and address
};

} // namespace

void check_gateways(const topology& net, problems& found) { gateway_check{net, found}.run(); }

} // namespace hublink
