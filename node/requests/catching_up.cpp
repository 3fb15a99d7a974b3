#include "node/requests/catching_up.hpp"
#include "node/control/request_json.hpp"
#include "node/definition/definition_services.hpp"
#include "node/requests/serve_request.hpp"
#include "protocol/base/json_reader.hpp"

#include <spdlog/spdlog.h>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

constexpr auto empty_list = 1; ///< a CA's, which is empty

/// What is brought, by the command that does it when it is told nothing else.
struct brought_thing {
  const char* verb;
  const char* what; ///< in the log
};

constexpr brought_thing last_applied{.verb = "apply", .what = "the definition that was applied"};
constexpr brought_thing last_list{.verb = "revoke", .what = "the newest list of revoked certificates"};

void note_outcome(const brought_thing& the, const std::string& line) {
  auto answer = read_json_object(line);
  if (!answer)
    return spdlog::warn("whether all nodes got {} at the login is not known: {}", the.what,
                        to_string(answer.error()));
  for (const auto& row : field_list(*answer, "nodes"))
    if (row.contains("reason"))
      spdlog::info("{} lacks {}: {}", field_text(row, "node"), the.what, field_text(row, "reason"));
}

} // namespace

void bring_up_to_date(caf::actor_system& system, const control_services& services, const std::string& user) {
  auto& at = *services.definitions;
  if (!at.applied) return;
  const auto& the = at.applied->now() ? last_applied : last_list;
  if (&the == &last_list && at.lists.number() <= empty_list) return; // nobody was ever revoked
  at.employ(user, serve_request(system, services, json{{"verb", the.verb}, {"user", user}},
                                [&the](const std::string& line, bool) { note_outcome(the, line); }));
}

} // namespace hublink
