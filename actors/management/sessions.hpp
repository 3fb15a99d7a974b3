#pragma once
/// A manager's sessions with all servers: login, logout, what became of each. Nothing is re-established by
/// itself.
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

  caf::result<rows> login(const login_order& order);
  void open_next(const login_order& order, const std::shared_ptr<answer_promise<rows>>& reply);
  void open(const std::string& server, const login_order& order, std::shared_ptr<answer_promise<rows>> reply);
  void settled(const std::string& server, std::optional<failure> why);
  failure why_not_in(const std::string& server) const;
  rows logout();
  void end_unknown();
  rows all() const;
  void lost(const std::string& server, const failure& why);
  template <class Event>
  void write(const session_row& row) const;

  sessions_actor::stateful_pointer<sessions_state> self_;
  environment_ptr env_;
  hop_services services_;
  std::map<std::string, session_row> rows_; ///< by server
  std::map<std::string, session_actor> actors_;
  std::deque<std::string> missing_; ///< to be opened by the login under way
  std::size_t opening_ = 0;
};

} // namespace hublink
