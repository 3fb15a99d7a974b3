#pragma once
/// Who executes the commands of simulated sessions. Lines that are no JSON: `login right` logs in, and so
/// does `login right as USER`, any other that begins so does not, and `login silent` is never answered;
/// `dismiss` ends the session; what follows is echoed with the names of node and user (`login_saying`). Lines
/// of JSON, at nodes that take definitions, are node/'s commands; the password is `right`.
#include "actors/ports/command_service.hpp"
#include "actors/ports/login_dialogue.hpp"
#include "simulation/sim/sim_definitions.hpp"

namespace hublink::sim {

/// A login that is this one line.
login_maker login_saying(std::string line);

class sim_commands : public command_service {
 public:
  sim_commands(world& in, std::string node) : in_(in), node_(std::move(node)) {}

  /// Null: it takes no definitions.
  void use(sim_definitions* definitions) { definitions_ = definitions; }

  outcome<> admits(const std::string& peer, role peer_role) const override;
  outcome<std::shared_ptr<command_session>> open(const link_up& over, dismissal dismiss) override;

 private:
  world& in_;
  std::string node_;
  sim_definitions* definitions_ = nullptr;
};

} // namespace hublink::sim
