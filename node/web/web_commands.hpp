#pragma once
/// Commands that came over HTTP: judged by who gives them, noted where that is due, and done as every other.
/// It is done on the server's thread and those of actors.
#include "node/control/control_services.hpp"
#include "node/web/web_exchange.hpp"
#include "node/web/web_login.hpp"
#include "node/web/web_principal.hpp"
#include "node/web/web_routes.hpp"

#include <map>
#include <memory>
#include <string>

namespace hublink {

class web_commands : public std::enable_shared_from_this<web_commands> {
 public:
  web_commands(caf::actor_system& system, control_services services, std::shared_ptr<web_login> logins)
      : system_(system), services_(std::move(services)), logins_(std::move(logins)) {}

  /// Answers it, now or later. `password`: that came with it; null: none.
  void run(const exchange_ptr& exchange, const web_route& route, const web_principal& who,
           web_command command, std::shared_ptr<const secret> password);
  /// What a command of his goes by.
  control_services services_for(const web_principal& who) const;
  /// May he, at this node? For what is done elsewhere the nodes there look.
  outcome<> may(const web_principal& who, const web_route& route,
                const nlohmann::ordered_json& request) const;

  /// Calls `then`, on any thread, with whether his user has a session with a server still; true where there
  /// are none to have.
  void look_at_sessions(const exchange_ptr& exchange, const web_principal& who,
                        std::function<void(bool in)> then);

 private:
  struct order; ///< one command

  bool is_manager() const { return services_.self->role == role::manager; }
  void note_refused(const web_principal& who, const nlohmann::ordered_json& request,
                    const failure& why) const;
  void make_keys(std::shared_ptr<order> what, std::shared_ptr<const secret> password);
  void execute(const std::shared_ptr<order>& what);

  caf::actor_system& system_;
  control_services services_;
  std::shared_ptr<web_login> logins_;
};

} // namespace hublink
