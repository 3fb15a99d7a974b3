#pragma once
/// Where an answer only says that something was written down or done, and nobody waits for it: its failure is
/// in the log.
#include "actors/base/failures.hpp"
#include "actors/ports/environment.hpp"

#include <string>
#include <utility>

namespace hublink {

/// `what` was lost: one warning.
inline void log_lost(const environment& env, const std::string& what, const failure& why,
                     const transfer_id& transfer = {}) {
  env.log.write({log_level::warning, what + ": " + to_string(why), {}, transfer});
}

/// The handler of a request whose failure nobody else hears of.
inline auto note_lost(environment_ptr env, std::string what, transfer_id transfer = {}) {
  return [env = std::move(env), what = std::move(what), transfer = std::move(transfer)](
             const caf::error& no) { log_lost(*env, what, to_failure(no, env->self->node), transfer); };
}

} // namespace hublink
