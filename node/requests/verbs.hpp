#pragma once
/// The verbs that a running node knows, a row each: what it takes to give one over a session, where it is
/// done, who does it, its fields and its answer. The rows stand with their handlers, in the groups that
/// `verbs` puts together; docs/reference/control.md has the table.
#include "node/control/json_shape.hpp"
#include "node/requests/gathered_answers.hpp"
#include "node/requests/request_fields.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hublink {

struct request_call;

/// Where a command is done that is given at a manager. What a server is given with the name of a client in
/// the field `at`, that client does.
enum class verb_scope : std::uint8_t {
  here,               ///< at the manager itself
  here_or_server,     ///< the same, or at the server named in `at`
  here_or_node,       ///< the same, or at the server or client named in `at`
  client,             ///< at the one named in `at`, through its home server
  sender_of_file,     ///< at the client that sends the file
  sender_of_transfer, ///< at the client that sends the transfer
  server,             ///< at the one named in `at`
  servers,            ///< at every server, or the one named in `at`; what they answer is put together
  network,            ///< at every server and client; what they answer is put together
};

/// As docs and help say it.
std::string_view to_string(verb_scope where);

/// How HTTP gives a verb, where its right does not say it: what only tells is a GET, all else a POST, and
/// what nobody may give over a session is not given.
struct http_rule {
  enum class method : std::uint8_t { by_right, get, post, none };

  method by = method::by_right;
  std::optional<command_rights> takes{}; ///< of what no session may give; nothing: any account may
  std::string_view list{};               ///< of its answer: may be sorted, and read page by page
  bool once = false;                     ///< with an `Idempotency-Key` it is done once
  bool after_look = false;               ///< goes by the `hash` of what its dry run showed
};

struct verb {
  std::string_view name;
  command_rights takes;
  verb_scope scope;
  /// Starts who works on it at this node.
  control_actor (*serve)(caf::actor_system& system, request_call call);
  std::span<const request_field> fields{};
  json_shape answer{}; ///< any line of it, beside what every answer may have
  http_rule http{};
  /// `network`, `servers`: one answer out of those of all nodes, but for `exit` and `missing`.
  nlohmann::ordered_json (*join)(const gathered_answers& all) = nullptr;
};

/// Every one.
const std::vector<verb>& verbs();
/// Null: there is none of that name.
const verb* find_verb(std::string_view name);
/// Of a name that is no verb's, with the nearest one that is.
std::string no_such_verb(std::string_view name);

} // namespace hublink
