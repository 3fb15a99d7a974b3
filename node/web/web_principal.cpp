#include "node/web/web_principal.hpp"
#include "node/web/problem.hpp"
#include "node/web/web_guard.hpp"

namespace hublink {

namespace {

std::int64_t unix_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

http_answer nobody(const std::string& why) {
  return problem_answer(failure{errc::not_authenticated, {}, why});
}

} // namespace

found_principal find_principal(const http_request& request, web_sessions& sessions, token_store* tokens,
                               bool uses) {
  if (auto token = bearer_token(request)) {
    auto row = tokens ? tokens->check(*token) : std::nullopt;
    if (!row) return nobody("that token is none, or has ended; see hublink tokens list");
    return web_principal{row->who, "token " + row->who.name, row->user, {}, row->who.name};
  }
  const auto cookie = session_cookie(request);
  auto session = cookie.empty() ? nullptr : sessions.find(cookie, std::chrono::steady_clock::now(), uses);
  if (!session) return nobody("log in first, or use a token");
  const bool looks = request.method == "GET" || request.method == "HEAD";
  if (!looks && !is_same_secret(request.field("x-hublink-csrf").value_or(""), session->csrf))
    return problem_answer(403,
                          "the field X-Hublink-CSRF does not say what the login, or /api/v1/account, said");
  return web_principal{session->who, session->who.name, session->who.name, session, {}};
}

std::function<bool()> still_counts(const web_principal& who, token_store* tokens) {
  if (who.session)
    return [session = who.session] {
      return session->counts(std::chrono::steady_clock::now(), web_sessions::idle);
    };
  return [tokens, name = who.token] {
    auto row = tokens ? tokens->find(name) : std::nullopt;
    return row && row->until_ms > unix_ms();
  };
}

} // namespace hublink
