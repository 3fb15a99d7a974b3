#pragma once
/// `/metrics` and, at a manager, `/metrics/network`, for who scrapes. Of the server's thread.
#include "node/control/control_services.hpp"
#include "node/web/web_connection.hpp"

#include <set>
#include <string>

namespace hublink {

/// Answers with this node's metrics, or those of all nodes: each sample has the label `node` then, and
/// `hublink_node_reachable` says which could be asked. By the sessions of `user`; empty: of whoever is in.
void serve_metrics(caf::actor_system& system, const control_services& services, const exchange_ptr& exchange,
                   bool of_network, const std::string& user);

/// A listener for that alone, without login.
class metrics_service : public web_service {
 public:
  metrics_service(caf::actor_system& system, control_services services, std::set<std::string> hosts)
      : system_(system), services_(std::move(services)), hosts_(std::move(hosts)) {}

  std::size_t most_body(const http_request&) override { return 0; }
  void serve(const exchange_ptr& exchange) override;

 private:
  caf::actor_system& system_;
  control_services services_;
  const std::set<std::string> hosts_;
};

} // namespace hublink
