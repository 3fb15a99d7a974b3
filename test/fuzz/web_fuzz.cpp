// What comes to a node's HTTP: the same in however many parts, and whatever is read out of it holds together.
#include "node/web/http_parser.hpp"
#include "node/web/web_guard.hpp"
#include "node/web/web_routes.hpp"
#include "protocol/base/utf8.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

using namespace hublink;

namespace {

constexpr std::size_t most_body = 4096;

void expect(bool holds) {
  if (!holds) std::abort();
}

void look_at(const http_request& request) {
  for (const auto& [name, value] : request.fields) expect(value.find('\n') == value.npos);
  auto target = read_target(request.target);
  refuse_host(request, {"hub"});
  refuse_origin(request);
  expect(session_cookie(request).find(';') == std::string::npos);
  if (!target) return;
  expect(target->path.starts_with('/') && (target->path + '/').find("/../") == std::string::npos);
  expect(is_printable(target->path));
  for (const auto& route : web_routes()) {
    auto command = route.posts ? command_of_body(route, request.body) : command_of_query(route, *target);
    if (!command) continue;
    expect(command->request.at("verb") == route.what->name);
    for (auto inner : {"only_files", "nonce", "keys", "password"}) expect(!command->request.contains(inner));
    if (command->page.is_asked) expect(command->page.page > 0 && command->page.rows > 0);
  }
}

/// Of each request its method, target and body, and how it ended.
std::vector<std::string> read_all(std::string_view text, std::size_t part, bool looks) {
  http_parser parser;
  std::vector<std::string> seen;
  for (std::size_t at = 0; at < text.size(); at += part) {
    parser.add(text.substr(at, part));
    for (auto now = parser.read(); now != http_parser::step::more; now = parser.read()) {
      if (now == http_parser::step::wrong) {
        expect(parser.refusal().status >= 400);
        seen.push_back("wrong");
        return seen;
      }
      if (now == http_parser::step::head) {
        parser.limit_body(most_body);
        continue;
      }
      auto& request = parser.request();
      expect(request.body.size() <= most_body);
      if (looks) look_at(request);
      seen.push_back(request.method + " " + request.target + "\n" + request.body);
      parser.next();
    }
  }
  return seen;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  auto whole = read_all(text, text.size() + 1, true);
  auto parts = read_all(text, 1 + data[0] % 16, false);
  // A line that has not ended may be seen to be wrong sooner in one of the two: what was read before is the
  // same.
  for (auto* each : {&whole, &parts})
    if (!each->empty() && each->back() == "wrong") each->pop_back();
  expect(whole == parts);
  host_of(text);
  return 0;
}
