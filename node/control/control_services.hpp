#pragma once
/// What a command that is given to a running node needs of it, and how it answers: a JSON object in, JSON
/// objects out; docs/reference/control.md.
#include "actors/node/node_interface.hpp"
#include "actors/ports/login_dialogue.hpp"
#include "node/accounts/rights.hpp"
#include "node/line/neighbour_line.hpp"
#include "protocol/base/secret.hpp"
#include "protocol/trust/scram.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace hublink {

class accounts;
class event_counters;
class token_store;
struct definition_services;
class disk_pools;
struct live_events;

/// Called by each dialogue that has shown its server to be genuine, on any thread.
using login_told = std::function<void(const account& allowed)>;

struct control_services {
  supervisor_actor supervisor;
  node_services node;
  live_definition self;
  accounts* users = nullptr; ///< a server's
  token_store* tokens = nullptr;
  const event_counters* counters = nullptr;
  std::function<line_reports()> lines{}; ///< by neighbour; none in tests of requests
  /// A manager's: how a user with that password logs in at servers.
  std::function<login_maker(std::string user, std::shared_ptr<const hublink::secret> secret)> logins{};
  /// The same, for who wants to know what each server that lets him in says that he may.
  std::function<login_maker(std::string user, std::shared_ptr<const hublink::secret> secret, login_told told)>
      logins_telling{};
  /// A manager's: makes a password into a key, and calls `done` with it on another thread.
  std::function<void(std::shared_ptr<const hublink::secret> from, const scram::recipe& how,
                     std::function<void(outcome<scram::key>)> done)>
      stretch{};
  /// Who asks over a session; nobody: the operator at the node, or a client's home server.
  std::shared_ptr<const account> user{};
  commander by{};
  std::filesystem::path data{}; ///< the node's directory
  endpoints listens{};          ///< where it is dialled, from its start on
  definition_services* definitions = nullptr;
  live_events* events = nullptr;
  const disk_pools* disks = nullptr;
  /// At the control socket: calls, from some other thread, once the asker has read all that was said so far.
  std::function<void(std::function<void()>)> when_read{};
};

/// Gets one line of JSON, without its end. `last`: nothing follows. Thread-safe.
using control_reply = std::function<void(std::string line, bool last)>;

/// Works on one command. Gets what it watches, and answers from other nodes.
using control_actor = watcher_actor::extend<caf::reacts_to<command_reply>>;

/// Does what the line says. End its actor earlier by an exit message; what it began in the node goes on.
using control_server = std::function<control_actor(control_services, std::string line, control_reply)>;

} // namespace hublink
