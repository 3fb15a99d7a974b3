#include "node/web/problem.hpp"
#include "node/base/json_text.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

constexpr auto problem_type = "application/problem+json";

http_answer as_answer(unsigned status, const json& body) {
  http_answer made{status, problem_type, to_line(body), {{"Cache-Control", "no-store"}}};
  if (status == 401) made.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"hublink\"");
  if (status == 503 || status == 429) made.fields.emplace_back("Retry-After", "2");
  return made;
}

/// The code in words.
std::string title_of(std::string_view code) {
  std::string made{code};
  for (auto& letter : made)
    if (letter == '-') letter = ' ';
  return made;
}

} // namespace

unsigned status_of(errc code) {
  switch (code) {
  case errc::bad_config:
  case errc::bad_message:
    return 400;
  case errc::not_authenticated:
    return 401;
  case errc::not_authorised:
    return 403;
  case errc::unknown_file:
  case errc::not_registered:
  case errc::file_missing:
    return 404;
  case errc::superseded:
  case errc::cancelled:
  case errc::file_exists:
    return 409;
  case errc::busy:
    return 503;
  case errc::no_route:
  case errc::loop:
  case errc::hop_down:
  case errc::line_down:
  case errc::cut:
    return 502;
  case errc::timed_out:
    return 504;
  case errc::no_space:
    return 507;
  default:
    return 500;
  }
}

http_answer problem_answer(const failure& why, const json& more) {
  const auto status = status_of(why.code);
  const auto code = to_string(why.code);
  json body{{"type", "urn:hublink:error:" + std::string{code}},
            {"title", title_of(code)},
            {"status", status},
            {"detail", to_string(why)},
            {"code", code}};
  if (!why.hop.empty()) body["hop"] = why.hop;
  body["exit"] = exit_code(why.code);
  if (more.is_object())
    for (const auto& [name, value] : more.items())
      if (!body.contains(name) && name != "error") body[name] = value;
  return as_answer(status, body);
}

http_answer problem_answer(const failure& why) { return problem_answer(why, {}); }

http_answer problem_answer(unsigned status, const std::string& why) {
  return as_answer(
      status, {{"type", "about:blank"}, {"title", reason_of(status)}, {"status", status}, {"detail", why}});
}

} // namespace hublink
