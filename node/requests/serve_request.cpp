#include "node/requests/serve_request.hpp"
#include "node/control/password_field.hpp"
#include "node/requests/audit_entry.hpp"
#include "node/requests/local_request.hpp"
#include "node/requests/network_request.hpp"

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

void refuse_unknown(local_request& work) {
  work.fail({errc::bad_config, work.here(), no_such_verb(work.text("verb"))});
}

void refuse_malformed(local_request& work) {
  work.fail({errc::bad_config, work.here(), "malformed request: a command is a JSON object on one line"});
}

} // namespace

control_actor serve_request(caf::actor_system& system, control_services services, json request,
                            control_reply reply, std::shared_ptr<const password> secret) {
  request_call call{std::move(services), std::make_shared<const json>(std::move(request)), std::move(reply),
                    std::move(secret)};
  auto* known = find_verb(field_text(*call.request, "verb"));
  if (!known) return run<refuse_unknown>(system, std::move(call));
  if (is_network_request(*call.services.self.now(), *known, *call.request))
    return spawn_network_request(system, *known, std::move(call));
  return known->serve(system, std::move(call));
}

control_actor serve_line(caf::actor_system& system, control_services services, std::string line,
                         control_reply reply) {
  auto secret = take_password(line);
  auto request = json::parse(line, nullptr, false);
  if (!request.is_object()) {
    auto nothing = std::make_shared<const json>(json::object());
    return run<refuse_malformed>(system, {std::move(services), nothing, std::move(reply), {}});
  }
  if (auto* known = find_verb(field_text(request, "verb")); services.users && known && known->takes.changes())
    reply = audited(*services.users,
                    note_begun(*services.users, audit_row_of(services.by, request, services.users->now_ms())),
                    std::move(reply));
  return serve_request(system, std::move(services), std::move(request), std::move(reply), std::move(secret));
}

} // namespace hublink
