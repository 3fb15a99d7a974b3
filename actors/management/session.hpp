#pragma once
/// The asking end of a management session: a manager's with a server, or a server's with one of its clients.
/// Opens a circuit, makes a link inside it, logs in, passes commands and their answers. It never redials.
#include "actors/base/answer_promise.hpp"
#include "actors/circuit/circuit_origin.hpp"
#include "actors/management/command_channel.hpp"
#include "actors/management/management_interface.hpp"

namespace hublink {

class session_state {
 public:
  using actor_type = session_actor;
  static inline const char* name = "session";

  explicit session_state(session_actor::stateful_pointer<session_state> self) : self_(self) {}
  ~session_state(); ///< hangs up
  /// `target`: a server or client; empty: whatever node the circuit's next hop is.
  session_actor::behavior_type start(environment_ptr env, hop_services services, std::string target);

 private:
  using origin = circuit_origin<session_actor, session_state>;
  struct pending {
    std::uint64_t tag = 0;
    caf::weak_actor_ptr sink;
  };

  caf::result<void> connect(login_order order);
  void greet(const link_up& up);
  login_dialogue::next next_step();
  void step(const login_step& next);
  void receive(const link_message& message);
  void take(const report& part);
  void give(const std::string& line, std::uint64_t tag, const reply_sink& sink);
  void reply(const pending& to, std::string line, bool last, std::optional<failure> why);
  void tick();
  void lose(failure why);
  void log_out();
  void end_pending(const failure& why);
  void end_circuit(const failure& why);

  session_actor::stateful_pointer<session_state> self_;
  environment_ptr env_;
  std::string target_;
  std::optional<origin> origin_;
  login_order order_;
  std::shared_ptr<login_dialogue> dialogue_;   ///< while the login is under way
  std::optional<caf::response_promise> reply_; ///< to who wants to be in
  std::optional<command_channel> channel_;     ///< once the link is up
  command_channel::clock::time_point began_;
  std::uint64_t last_number_ = 0, login_number_ = 0;
  std::map<std::uint64_t, pending> pending_;
  caf::weak_actor_ptr owner_; ///< hears when the session is lost
  bool in_ = false, over_ = false;
};

} // namespace hublink
