#pragma once
/// What is served to browsers and programs: docs/reference/api.md. Of the server's thread.
#include "node/web/event_hub.hpp"
#include "node/web/idempotent_sends.hpp"
#include "node/web/web_commands.hpp"
#include "node/web/web_connection.hpp"
#include "node/web/web_login.hpp"
#include "node/web/web_sessions.hpp"
#include "node/web/workbench.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>

namespace hublink {

struct http_target;

class web_api : public web_service {
 public:
  web_api(asio::io_context& context, web_thread thread, caf::actor_system& system, control_services services,
          std::set<std::string> hosts);
  ~web_api() override { stop(); }

  std::size_t most_body(const http_request& head) override;
  void serve(const exchange_ptr& what) override;
  /// Before the server stops.
  void stop();

 private:
  using handler = void (web_api::*)(const exchange_ptr& exchange);
  struct own_path {
    std::string_view path, method;
    handler serve;
  };
  static std::span<const own_path> own_paths();

  void serve_path(const exchange_ptr& exchange, const http_target& target);
  void serve_command(const exchange_ptr& exchange, const http_target& target);
  void serve_once(const exchange_ptr& exchange, const std::string& key, const web_principal& who,
                  const std::function<void(const exchange_ptr&)>& run);
  void log_in(const exchange_ptr& exchange);
  void log_out(const exchange_ptr& exchange);
  void show_account(const exchange_ptr& exchange);
  void show_open_api(const exchange_ptr& exchange);
  void show_events(const exchange_ptr& exchange);
  template <bool of_network>
  void show_metrics(const exchange_ptr& exchange);
  template <auto deed>
  void use_workbench(const exchange_ptr& exchange);
  void conclude_login(const exchange_ptr& exchange, const web_login::result& made);
  void end_sessions(const exchange_ptr& exchange, const web_principal& who);
  nlohmann::ordered_json account_json(const web_session& session) const;
  /// Nothing: it was answered.
  std::optional<web_principal> principal(const exchange_ptr& exchange, bool uses = true);

  asio::io_context& context_;
  const web_thread thread_;
  caf::actor_system& system_;
  control_services services_;
  const std::set<std::string> hosts_;
  web_sessions sessions_;
  std::shared_ptr<web_login> logins_;
  std::shared_ptr<web_commands> commands_;
  event_hub events_;
  workbench workbench_;
  std::shared_ptr<idempotent_sends> sends_ = std::make_shared<idempotent_sends>();
  std::map<std::string, int> logging_in_;                             ///< by address
  std::shared_ptr<web_api*> self_ = std::make_shared<web_api*>(this); ///< for what comes back later
};

} // namespace hublink
