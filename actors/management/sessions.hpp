#pragma once
/// A manager's sessions with all servers, each its user's: login, logout, what became of each. Nothing is
/// re-established by itself.
#include "actors/base/answer_promise.hpp"
#include "actors/circuit/far_side.hpp"
#include "actors/management/management_interface.hpp"

#include <deque>
#include <map>

namespace hublink {

class sessions_state {
 public:
  using actor_type = sessions_actor;
  static inline const char* name = "sessions";

  explicit sessions_state(sessions_actor::stateful_pointer<sessions_state> self) : self_(self) {}
  ~sessions_state();
  sessions_actor::behavior_type start(environment_ptr env, hop_services services);

 private:
  using rows = std::vector<session_row>;

  /// A user's standing at one server.
  struct place {
    session_row row;
    std::optional<session_actor> session{}; ///< while he is in
  };
  /// One login: asks every server, where its user is in already, too.
  struct round {
    login_order order;
    std::deque<std::string> servers{};           ///< not asked yet
    std::map<std::string, session_actor> open{}; ///< that are asked
    std::map<std::string, session_row> rows{};   ///< what came of it
    answer_promise<std::vector<session_row>> reply{};
    bool ended = false; ///< by a logout
  };
  using round_ptr = std::shared_ptr<round>;

  caf::result<rows> login(const login_order& order);
  void ask_next(const round_ptr& login);
  void ask(const round_ptr& login, const std::string& server);
  void settle(round& login, const std::string& server, std::optional<failure> why);
  void admit(session_row& row, const session_actor& session);
  void conclude(const round_ptr& login);
  failure why_not_in(const std::string& user, const std::string& server) const;
  caf::result<rows> logout(const std::string& named);
  void end_unknown();
  void forget_who_is_nowhere();
  rows all() const;
  void lost(const std::string& server, const failure& why);
  template <class Event>
  void write(const session_row& row) const;

  sessions_actor::stateful_pointer<sessions_state> self_;
  environment_ptr env_;
  hop_services services_;
  std::map<std::string, std::map<std::string, place>> users_; ///< by user and server
  std::vector<round_ptr> rounds_;                             ///< logins that are under way
};

} // namespace hublink
