#pragma once
/// The answering end of a management session, at a server or client: lets the command service execute what
/// comes, once the peer has shown who it is.
#include "actors/management/command_channel.hpp"
#include "actors/management/management_interface.hpp"
#include "actors/ports/command_service.hpp"

namespace hublink {

class session_end_state {
 public:
  using actor_type = session_end_actor;
  static inline const char* name = "session_end";

  explicit session_end_state(session_end_actor::stateful_pointer<session_end_state> self) : self_(self) {}
  ~session_end_state(); ///< hangs up
  session_end_actor::behavior_type start(environment_ptr env);

 private:
  void greet(const link_up& up);
  void receive(const link_message& message);
  void serve(const command& part);
  void tick();
  void dismiss(const failure& why);
  /// Has the peer had no business here for so long that its session ends?
  bool is_unwanted(command_channel::clock::time_point now);
  void stop(const failure& why);

  session_end_actor::stateful_pointer<session_end_state> self_;
  environment_ptr env_;
  transfer_id id_;
  event::circuit_mark of_;
  bool reads_ = false; ///< no event tells of it
  circuit_id circuit_ = 0;
  std::optional<command_channel> channel_; ///< once the link is up
  share_pool::portion place_;              ///< among the sessions of this node
  std::shared_ptr<command_session> session_;
  std::optional<failure> refusal_; ///< instead of it: the answer to every command
  std::string peer_;
  role peer_role_ = role::server;
  std::optional<command_channel::clock::time_point> unwanted_since_; ///< by a definition that came since
  command_channel::clock::time_point began_;
  std::uint32_t running_ = 0; ///< commands
  bool logged_out_ = false;
};

} // namespace hublink
