#pragma once
/// The source's end of a request connection: hands the verified request to the dispatcher, and answers how
/// the transfer stands. The file goes over a circuit of its own.
#include "actors/circuit/circuit_interface.hpp"
#include "actors/ports/environment.hpp"
#include "actors/transfer/transfer_interface.hpp"

namespace hublink {

class request_acceptor_state {
 public:
  using actor_type = circuit_actor;
  static inline const char* name = "request_acceptor";

  explicit request_acceptor_state(circuit_actor::stateful_pointer<request_acceptor_state> self)
      : self_(self) {}
  circuit_actor::behavior_type start(environment_ptr env, dispatcher_actor dispatcher);

 private:
  void run();
  void serve(const consulted& asked);

  circuit_actor::stateful_pointer<request_acceptor_state> self_;
  environment_ptr env_;
  dispatcher_actor dispatcher_;
  send_definition definition_;
  open request_;
  circuit_id circuit_ = 0;
};

} // namespace hublink
