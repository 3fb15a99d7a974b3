#pragma once
/// Lets users in with a name and a password: at a server by its own accounts, at a manager by those of the
/// servers, whose sessions it opens. Of the server's thread, but where said.
#include "node/accounts/password_stretcher.hpp"
#include "node/control/control_services.hpp"
#include "node/web/web_sessions.hpp"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <set>
#include <string>

namespace hublink {

class web_login {
 public:
  /// Of a user who is in: rows of the manager's sessions, null elsewhere.
  struct result {
    web_session_ptr session; ///< null: he is not
    failure why{};
    std::shared_ptr<const nlohmann::ordered_json> sessions{};
  };
  using done = std::function<void(result)>; ///< on any thread

  web_login(caf::actor_system& system, control_services services);

  /// Null: `done` was called already, or the work is not an actor's.
  std::optional<control_actor> begin(const std::string& user, std::shared_ptr<const secret> password,
                                     const std::string& from, done then);
  /// Of a new password of that account, what a server keeps; fails as `stretch` does.
  void make_keys(const std::string& user, std::shared_ptr<const secret> password,
                 std::function<void(outcome<nlohmann::ordered_json> keys)> then);
  void stop();

 private:
  void begin_at_server(const std::string& user, std::shared_ptr<const secret> password,
                       const std::string& from, done then);
  std::optional<control_actor> begin_at_manager(const std::string& user,
                                                std::shared_ptr<const secret> password, done then);

  caf::actor_system& system_;
  control_services services_;
  std::shared_ptr<password_stretcher> stretcher_; ///< a server's
};

} // namespace hublink
