#pragma once
/// What one management session may do, and does. At a server: a login, then what the account's rights allow,
/// for as long as it stays the account that logged in. At a client: what its home server, which has checked
/// the user, passes on.
#include "actors/ports/command_service.hpp"
#include "node/accounts/accounts.hpp"
#include "node/control/control_services.hpp"
#include "node/requests/audit_entry.hpp"

#include <nlohmann/json_fwd.hpp>

#include <mutex>

namespace hublink {

class user_session : public command_session, public std::enable_shared_from_this<user_session> {
 public:
  user_session(caf::actor_system& system, control_services services, const link_binding& binding,
               command_service::dismissal dismiss)
      : system_(system), services_(std::move(services)), binding_(binding), dismiss_(std::move(dismiss)) {}
  ~user_session() override;

  bool logged_in() const override;
  void serve(std::string line, reply to) override;

 private:
  using json = nlohmann::ordered_json;

  /// Of a user who has said his name.
  struct pending_login {
    scram::server side;
    account_epoch epoch = 0;
  };
  /// Held until it has answered.
  struct running {
    std::optional<control_actor> actor;
    reply to;
  };
  struct grant {
    std::string user; ///< empty: nobody is logged in
    account_epoch epoch = 0;
    accounts::watch watch;
  };

  void refuse(const reply& to, failure why) const;
  void serve_home(json request, const reply& to);
  void log_in(const std::string& client_text, const reply& to);
  void challenge(const scram::greeting& from, const account_store::checked_by& known, const reply& to);
  void conclude_login(const std::string& client_text, const reply& to);
  void let_in(const account_row& who);
  void check(const std::shared_ptr<json>& request, const reply& to);
  outcome<> judge(const std::string& user, const std::optional<account_row>& row, const json& request) const;
  void execute(json request, const reply& to, std::shared_ptr<const account> user,
               audit_number number_in_trail);
  void end(const failure& why);

  caf::actor_system& system_;
  control_services services_;
  link_binding binding_;
  command_service::dismissal dismiss_;
  mutable std::mutex lock_;
  std::shared_ptr<const pending_login> login_;
  grant grant_;
  std::optional<failure> over_; ///< why nothing may be done any more
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, running> running_;
};

} // namespace hublink
