#include "node/requests/serve_request.hpp"
#include "node/control/password_field.hpp"
#include "node/requests/audit_entry.hpp"
#include "node/requests/local_request.hpp"
#include "node/requests/network_request.hpp"
#include "node/requests/request_fields.hpp"
#include "node/topology/topology.hpp"
#include "protocol/base/json_reader.hpp"

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

/// A topology is part of a request on this machine; it is one value.
constexpr json_bounds own_users_bounds{.bytes = 2 * longest_topology};

void refuse_unknown(local_request& work) {
  work.fail({errc::bad_config, work.here(), no_such_verb(work.text("verb"))});
}

// What is wrong with it stands in its place.
void refuse_field(local_request& work) { work.fail({errc::bad_config, work.here(), work.text("wrong")}); }
void refuse_malformed(local_request& work) {
  work.fail({errc::bad_message, work.here(), "malformed request: " + work.text("wrong")});
}

template <local_request::handler refuse>
control_actor answer_wrong(caf::actor_system& system, control_services services, const std::string& why,
                           control_reply reply) {
  auto problem = std::make_shared<const json>(json{{"wrong", why}});
  return run<refuse>(system, {std::move(services), problem, std::move(reply), {}});
}

} // namespace

control_actor serve_request(caf::actor_system& system, control_services services, json request,
                            control_reply reply, std::shared_ptr<const hublink::secret> secret) {
  auto* known = find_verb(field_text(request, "verb"));
  const auto way = services.by.from.empty() ? request_way::socket : request_way::session;
  if (known) {
    if (auto wrong = wrong_field(*known, request, way))
      return answer_wrong<refuse_field>(system, std::move(services), *wrong, std::move(reply));
  } else if (auto fine = fits_request(request); !fine) {
    return answer_wrong<refuse_malformed>(system, std::move(services), fine.error().text, std::move(reply));
  }
  request_call call{std::move(services), std::make_shared<const json>(std::move(request)), std::move(reply),
                    std::move(secret)};
  if (!known) return run<refuse_unknown>(system, std::move(call));
  if (is_network_request(*call.services.self.now(), *known, *call.request))
    return spawn_network_request(system, *known, std::move(call));
  return known->serve(system, std::move(call));
}

control_actor serve_here(caf::actor_system& system, control_services services, json request,
                         control_reply reply) {
  auto* known = find_verb(field_text(request, "verb"));
  return known->serve(
      system, {std::move(services), std::make_shared<const json>(std::move(request)), std::move(reply), {}});
}

control_actor serve_line(caf::actor_system& system, control_services services, std::string line,
                         control_reply reply) {
  auto secret = take_password(line);
  const auto& most = services.by.from.empty() ? own_users_bounds : json_bounds{};
  auto request = read_json_object(line, most);
  if (!request)
    return answer_wrong<refuse_malformed>(system, std::move(services), request.error().text,
                                          std::move(reply));
  if (auto* known = find_verb(field_text(*request, "verb"));
      services.users && known && known->takes.changes())
    reply =
        audited(*services.users,
                note_begun(*services.users, audit_row_of(services.by, *request, services.users->now_ms())),
                std::move(reply));
  return serve_request(system, std::move(services), std::move(*request), std::move(reply), std::move(secret));
}

} // namespace hublink
