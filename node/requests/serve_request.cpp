#include "node/requests/serve_request.hpp"
#include "node/control/command_shapes.hpp"
#include "node/requests/local_request.hpp"
#include "node/requests/network_request.hpp"
#include "protocol/base/json_reader.hpp"

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

void refuse_unknown(local_request& work) {
  work.fail({errc::bad_config, work.here(), no_such_verb(work.text("verb"))});
}

/// What is wrong with it stands in its place.
void refuse_malformed(local_request& work) {
  work.fail({errc::bad_message, work.here(), "malformed request: " + work.text("malformed")});
}

control_actor answer_malformed(caf::actor_system& system, control_services services, const failure& why,
                               control_reply reply) {
  auto problem = std::make_shared<const json>(json{{"malformed", why.text}});
  return run<refuse_malformed>(system, {std::move(services), problem, std::move(reply)});
}

} // namespace

control_actor serve_request(caf::actor_system& system, control_services services, json request,
                            control_reply reply) {
  auto* known = find_verb(field_text(request, "verb"));
  if (auto fine = fits_request(request, known ? known->name : ""); !fine)
    return answer_malformed(system, std::move(services), fine.error(), std::move(reply));
  request_call call{std::move(services), std::make_shared<const json>(std::move(request)), std::move(reply)};
  if (!known) return run<refuse_unknown>(system, std::move(call));
  if (is_network_request(*call.services.self.now(), *known, *call.request))
    return spawn_network_request(system, *known, std::move(call));
  return known->serve(system, std::move(call));
}

control_actor serve_line(caf::actor_system& system, control_services services, const std::string& line,
                         control_reply reply) {
  auto request = read_json_object(line);
  if (!request) return answer_malformed(system, std::move(services), request.error(), std::move(reply));
  return serve_request(system, std::move(services), std::move(*request), std::move(reply));
}

} // namespace hublink
