#pragma once
/// The source's end of a request connection: hands the verified request to the dispatcher, and answers how
/// the transfer stands. The file goes over a circuit of its own.
#include "actors/base/failures.hpp"

namespace hublink {

class request_acceptor_state {
 public:
  static inline const char* name = "request_acceptor";

  explicit request_acceptor_state(circuit_actor::stateful_pointer<request_acceptor_state> self)
      : self_(self) {}
  circuit_actor::behavior_type start(environment_ptr env, supervisor_actor supervisor);

 private:
  void run();
  void serve(const consulted& asked);

  circuit_actor::stateful_pointer<request_acceptor_state> self_;
  environment_ptr env_;
  supervisor_actor supervisor_;
  send_definition definition_;
  open told_;
  circuit_id circuit_ = 0;
};

circuit_actor spawn_request_acceptor(caf::actor_system& system, environment_ptr env,
                                     supervisor_actor supervisor);

} // namespace hublink
