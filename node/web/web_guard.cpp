#include "node/web/web_guard.hpp"
#include "node/web/http_target.hpp"
#include "node/web/problem.hpp"
#include "protocol/base/special_addresses.hpp"

#include <algorithm>

namespace hublink {

namespace {

std::string in_lower(std::string_view text) {
  std::string made{text};
  std::ranges::transform(made, made.begin(),
                         [](unsigned char c) { return char(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  return made;
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() > word.size() && in_lower(text.substr(0, word.size())) == word &&
         text[word.size()] == ' ';
}

} // namespace

std::set<std::string> own_hosts(const std::vector<std::string>& listed, const std::string& node,
                                const std::vector<endpoint>& listens) {
  std::set<std::string> all{in_lower(node)};
  for (const auto& each : listed) all.insert(in_lower(each));
  for (const auto& where : listens) {
    all.insert(to_string(where.address));
    if (is_loopback(where.address)) all.insert("localhost");
  }
  all.erase("0.0.0.0");
  all.erase("::");
  return all;
}

std::optional<http_answer> refuse_host(const http_request& request, const std::set<std::string>& hosts) {
  auto field = request.field("host");
  const auto host = field ? host_of(*field) : std::string{};
  if (!host.empty() && hosts.count(host)) return {};
  auto why = problem_answer(
      421, "this server does not answer for that Host; \"hosts\" of \"web\" in local.json lists those "
           "for which it does");
  why.closes = true;
  return why;
}

std::optional<http_answer> refuse_origin(const http_request& request) {
  auto origin = request.field("origin");
  auto host = request.field("host");
  const bool is_own = !origin || (host && in_lower(*origin) == "https://" + in_lower(*host));
  auto site = request.field("sec-fetch-site");
  if (is_own && (!site || *site == "same-origin" || *site == "none")) return {};
  return problem_answer(403, "a page of another origin made this request");
}

std::string session_cookie(const http_request& request) {
  auto cookies = request.field("cookie").value_or("");
  std::string found;
  while (!cookies.empty()) {
    const auto end = std::min(cookies.find(';'), cookies.size());
    auto cookie = cookies.substr(0, end);
    cookies = end < cookies.size() ? cookies.substr(end + 1) : std::string_view{};
    while (cookie.starts_with(' ')) cookie.remove_prefix(1);
    if (!cookie.starts_with(cookie_name) || cookie.size() <= cookie_name.size() ||
        cookie[cookie_name.size()] != '=')
      continue;
    if (!found.empty()) return {};
    found = cookie.substr(cookie_name.size() + 1);
  }
  return found;
}

std::optional<std::string> bearer_token(const http_request& request) {
  auto field = request.field("authorization");
  if (!field) return {};
  constexpr std::string_view scheme = "bearer";
  if (!starts_with_word(*field, scheme)) return std::string{};
  return std::string{field->substr(scheme.size() + 1)};
}

bool says_json(const http_request& request) {
  auto type = in_lower(request.field("content-type").value_or(""));
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.pop_back();
  return type == "application/json";
}

} // namespace hublink
