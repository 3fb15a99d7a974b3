#include "node/requests/serve_request.hpp"
#include "node/control/command_shapes.hpp"
#include "node/control/password_field.hpp"
#include "node/requests/audit_entry.hpp"
#include "node/requests/local_request.hpp"
#include "node/requests/network_request.hpp"
#include "node/requests/request_fields.hpp"
#include "protocol/base/json_reader.hpp"

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

void refuse_unknown(local_request& work) {
  work.fail({errc::bad_config, work.here(), no_such_verb(work.text("verb"))});
}

void refuse_field(local_request& work) {
  work.fail({errc::bad_config, work.here(), *wrong_field(work.text("verb"), work.request())});
}

/// What is wrong with it stands in its place.
void refuse_malformed(local_request& work) {
  work.fail({errc::bad_message, work.here(), "malformed request: " + work.text("malformed")});
}

control_actor answer_malformed(caf::actor_system& system, control_services services, const failure& why,
                               control_reply reply) {
  auto problem = std::make_shared<const json>(json{{"malformed", why.text}});
  return run<refuse_malformed>(system, {std::move(services), problem, std::move(reply), {}});
}

} // namespace

control_actor serve_request(caf::actor_system& system, control_services services, json request,
                            control_reply reply, std::shared_ptr<const hublink::secret> secret) {
  auto* known = find_verb(field_text(request, "verb"));
  // The fields of a verb that is known: what is wrong with them has words of its own.
  const bool misfits = known && wrong_field(known->name, request);
  if (auto fine = fits_request(request, known ? known->name : ""); !fine && !misfits)
    return answer_malformed(system, std::move(services), fine.error(), std::move(reply));
  request_call call{std::move(services), std::make_shared<const json>(std::move(request)), std::move(reply),
                    std::move(secret)};
  if (!known) return run<refuse_unknown>(system, std::move(call));
  if (misfits) return run<refuse_field>(system, std::move(call));
  if (is_network_request(*call.services.self.now(), *known, *call.request))
    return spawn_network_request(system, *known, std::move(call));
  return known->serve(system, std::move(call));
}

control_actor serve_line(caf::actor_system& system, control_services services, std::string line,
                         control_reply reply) {
  auto secret = take_password(line);
  auto request = read_json_object(line);
  if (!request) return answer_malformed(system, std::move(services), request.error(), std::move(reply));
  if (auto* known = find_verb(field_text(*request, "verb"));
      services.users && known && known->takes.changes())
    reply =
        audited(*services.users,
                note_begun(*services.users, audit_row_of(services.by, *request, services.users->now_ms())),
                std::move(reply));
  return serve_request(system, std::move(services), std::move(*request), std::move(reply), std::move(secret));
}

} // namespace hublink
