#pragma once
/// Management sessions as values. Commands and their answers are lines of JSON that no actor reads.
#include "actors/ports/login_dialogue.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace hublink {

struct login_order {
  std::string user;
  login_maker make{}; ///< none where the certificate says enough
  bool reads = false; ///< for a command that only reads: no event tells of the session
};
/// What a login's dialogue says next.
struct login_step {
  outcome<std::optional<std::string>> line;
};

enum class session_standing : std::uint8_t { in, failed, lost, out };
std::string_view to_string(session_standing state);

struct session_row {
  std::string server;
  session_standing state = session_standing::failed;
  std::string user;
  std::int64_t since_ms = 0; ///< of that state
  std::optional<failure> reason;
};

/// One line of the answer to a command that was given to `target`.
struct command_reply {
  std::string target;
  std::uint64_t tag = 0; ///< as the asker chose it
  std::string line;      ///< empty with `why`, where the command never got there
  bool last = false;
  std::optional<failure> why; ///< it failed
};

} // namespace hublink
