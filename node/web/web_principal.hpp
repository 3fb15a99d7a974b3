#pragma once
/// Who asks over HTTP: a user's browser with its cookie, or a program with a token.
#include "node/accounts/token_store.hpp"
#include "node/web/http_message.hpp"
#include "node/web/web_sessions.hpp"

#include <variant>

namespace hublink {

struct web_principal {
  account who;       ///< what he may at this node
  std::string named; ///< as the audit trail has it
  std::string
      sessions_of{}; ///< at a manager: by whose sessions his commands go; empty: of the only user there
  web_session_ptr session{}; ///< a browser's
  std::string token{};       ///< a program's: its name

  bool is_browser() const { return bool(session); }
};

/// What is wrong with a request that says who sends it stands in its place.
using found_principal = std::variant<web_principal, http_answer>;

/// By its token, or else by its cookie; what a browser is to do has to have its CSRF token, too. `uses`: it
/// is somebody's doing.
found_principal find_principal(const http_request& request, web_sessions& sessions, token_store* tokens,
                               bool uses = true);

/// Does he still count? From now on, at any time; of the server's thread.
std::function<bool()> still_counts(const web_principal& who, token_store* tokens);

} // namespace hublink
