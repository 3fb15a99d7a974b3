#pragma once
/// Decides whose management sessions this node serves, and how: managers log in and give commands
/// (`user_session`), so does a client's home server; a node without a definition is given that one.
#include "actors/node/node_actors.hpp"
#include "actors/ports/command_service.hpp"
#include "node/accounts/accounts.hpp"

#include <mutex>

namespace hublink {

struct definition_services;
struct live_events;
class event_counters;
class token_store;

class session_commands : public command_service {
 public:
  /// `users`: a server's, null at a client, which takes commands from its home server alone.
  session_commands(caf::actor_system& system, live_definition self, accounts* users, token_store* tokens,
                   std::filesystem::path data, definition_services* definitions, live_events* events,
                   const event_counters* counters = nullptr)
      : system_(system), self_(std::move(self)), users_(users), tokens_(tokens), data_(std::move(data)),
        definitions_(definitions), events_(events), counters_(counters) {}

  /// From now on commands are executed by these, and no more after `stop`. Thread-safe.
  void serve(node_actors actors);
  void stop();

  outcome<> admits(const std::string& peer, role peer_role) const override;
  outcome<std::shared_ptr<command_session>> open(const link_up& over, dismissal dismiss) override;

 private:
  std::optional<node_actors> actors() const;
  /// It may do nothing else.
  bool only_fetches(const definition& self, const std::string& peer, role peer_role) const;

  caf::actor_system& system_;
  live_definition self_;
  accounts* users_;
  token_store* tokens_;
  std::filesystem::path data_;
  definition_services* definitions_;
  live_events* events_;
  const event_counters* counters_; ///< null: nothing is counted
  mutable std::mutex lock_;
  std::optional<node_actors> actors_;
};

} // namespace hublink
