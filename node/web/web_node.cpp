#include "node/web/web_node.hpp"
#include "node/link/tls_context.hpp"
#include "node/web/web_guard.hpp"

namespace hublink {

outcome<std::unique_ptr<web_node>> web_node::make(const web_settings& settings,
                                                  std::shared_ptr<asio::ssl::context> tls,
                                                  caf::actor_system& system,
                                                  const control_services& services) {
  std::unique_ptr<web_node> made{new web_node};
  made->tls_ = tls;
  if (settings.web) {
    const auto& web = *settings.web;
    made->api_ = std::make_unique<web_api>(made->server_.context(), made->server_.thread(), system, services,
                                           own_hosts(web.hosts, services.self->node, web.listen));
    for (const auto& where : web.listen)
      if (auto opened = made->server_.open({"web", where, tls, *made->api_}); !opened) return opened.error();
  }
  if (settings.metrics) {
    const auto& metrics = *settings.metrics;
    made->metrics_ = std::make_unique<metrics_service>(
        system, services, own_hosts(metrics.hosts, services.self->node, metrics.listen));
    for (const auto& where : metrics.listen)
      if (auto opened = made->server_.open({"metrics", where, nullptr, *made->metrics_}); !opened)
        return opened.error();
  }
  made->server_.start();
  return made;
}

void web_node::renew(std::shared_ptr<const own_pair> pair, std::function<void(const failure& why)> warn) {
  if (!tls_) return;
  server_.thread().post([tls = tls_, pair = std::move(pair), warn = std::move(warn)] {
    if (auto done = put_in_place(*tls, *pair); !done) warn(done.error());
  });
}

void web_node::stop() {
  server_.stop();
  if (api_) api_->stop();
}

} // namespace hublink
