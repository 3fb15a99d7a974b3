#pragma once
/// What commands about definitions and lists of revoked certificates have in common. Included by sources of
/// requests only.
#include "node/definition/definition_services.hpp"
#include "node/requests/answering.hpp"

namespace hublink {

/// Null: this node takes none, and the command has failed.
template <class Work>
definition_services* definitions_of(Work& work) {
  auto* found = work.services().definitions;
  if (!found) work.fail({errc::bad_config, work.here(), work.here() + " takes no definitions"});
  return found;
}

/// A manager's word that came with a command, if one did. False: it can't be believed, and the command has
/// failed.
template <class Work>
bool hear_word(Work& work, definition_services& definitions) {
  auto hex = work.text("word");
  if (hex.empty()) return true;
  auto word = from_hex(hex);
  auto heard = word ? definitions.known.hear(*word, work.services().self->network)
                    : outcome<>{errc::bad_config, "a manager's word that can't be read"};
  if (!heard) work.fail(heard.error());
  return bool(heard);
}

/// Who hands on to a server's clients; nobody: it is no server.
inline std::optional<definition_push_actor> push_of(const definition_services& definitions) {
  auto push = definitions.push.lock();
  if (!push) return {};
  return caf::actor_cast<definition_push_actor>(push);
}

} // namespace hublink
