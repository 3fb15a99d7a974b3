#pragma once
/// All that a node serves over HTTP, by its `local.json`.
#include "node/trust/renewed_keys.hpp"
#include "node/web/metrics_service.hpp"
#include "node/web/web_api.hpp"
#include "node/web/web_config.hpp"
#include "node/web/web_server.hpp"

namespace hublink {

class web_node {
 public:
  /// Begins to serve. `tls`: of `web`; null where there is none. Fails with `bad_config`: an address can't be
  /// listened at.
  static outcome<std::unique_ptr<web_node>> make(const web_settings& settings,
                                                 std::shared_ptr<asio::ssl::context> tls,
                                                 caf::actor_system& system, const control_services& services);
  ~web_node() { stop(); }
  /// New connections to `web` show that certificate. `warn` hears if they can't.
  void renew(std::shared_ptr<const own_pair> pair, std::function<void(const failure& why)> warn);
  void stop();

 private:
  web_node() = default;

  std::shared_ptr<asio::ssl::context> tls_;
  web_server server_;
  std::unique_ptr<web_api> api_;
  std::unique_ptr<metrics_service> metrics_;
};

} // namespace hublink
