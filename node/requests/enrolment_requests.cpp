#include "node/requests/enrolment_requests.hpp"
#include "node/base/time_text.hpp"
#include "node/control/answer_shapes.hpp"
#include "node/requests/definition_work.hpp"
#include "node/requests/enrolment_poll.hpp"
#include "node/requests/local_request.hpp"
#include "node/requests/renewal_signing.hpp"
#include "node/trust/keys.hpp"

#include <array>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

/// A manager's answer to one of `enrolments`.
void enrol(local_request& work) {
  auto* definitions = definitions_of(work);
  if (!definitions) return;
  auto* desk = definitions->desk;
  if (!desk)
    return work.fail({errc::bad_config, work.here(), work.here() + " is no server: nobody enrols here"});
  auto number = field_number(work.request(), "number").value_or(0);
  auto certificate = work.text("certificate"), ca = work.text("ca");
  if (!certificate.empty()) {
    desk->answer_with(number, enrolled{certificate, ca, definitions->lists.current()});
  } else {
    failure why{errc_from_string(work.text("code")), {}, work.text("reason")};
    if (why.code == errc::not_registered)
      desk->note(number, why);
    else
      desk->answer_with(number, why);
  }
  work.finish({{"exit", 0}});
}

void invite(local_request& work) {
  auto* definitions = definitions_of(work);
  if (!definitions) return;
  const auto here = work.here();
  if (!definitions->applied || !definitions->invited)
    return work.fail({errc::bad_config, here, here + " is no manager: it invites nobody"});
  if (auto usable = has_ca(*definitions, work.services().data); !usable) return work.fail(usable.error());
  invitation made;
  made.node = work.text("node");
  made.days = static_cast<int>(field_number(work.request(), "days").value_or(730));
  auto given = work.text("role");
  auto known = known_role(*definitions, made.node);
  auto named = given.empty() ? std::nullopt : role_from_string(given);
  if (!given.empty() && !named)
    return work.fail({errc::bad_config, here, "a role is manager, server or client, not " + given});
  if (known && named && *known != *named)
    return work.fail(
        {errc::bad_config, here,
         made.node + " is a " + std::string{to_string(*known)} + " in the topology, not a " + given});
  if (!known && !named)
    return work.fail({errc::bad_config, here,
                      "the topology that " + here + " goes by has no node " + made.node +
                          ": apply one that has, or say what it will be with --role"});
  made.role = known ? *known : *named;
  // A manager signs definitions by itself: whoever may make one has all that its operator has.
  if (work.services().user && made.role == role::manager)
    return work.fail({errc::not_authorised, here,
                      "a manager is invited at " + here + " itself: hublink invite " + made.node});
  if (auto usable = check_node_name(made.node); !usable) return work.fail(usable.error());
  auto code = invitation_code::make(definitions->ca->network());
  if (!code) return work.fail(code.error());
  made.verifier = code->verifier();
  const auto holder = made.role;
  const auto node = made.node;
  if (auto added = definitions->invited->add(std::move(made)); !added) return work.fail(added.error());
  auto until = definitions->wall_clock() + invitations::lifetime;
  work.finish({{"node", node},
               {"role", to_string(holder)},
               {"code", code->text().view()},
               {"until", to_rfc3339(until)}});
}

// As long as it takes: the answer may come by way of other nodes, and there always is one.
void renew(local_request& work) {
  auto* definitions = definitions_of(work);
  if (!definitions) return;
  auto renewal = definitions->renewal.lock();
  if (!renewal) return work.fail({errc::busy, work.here(), work.here() + " has just started; try again"});
  work.wait_for(
      caf::actor_cast<own_renewal_actor>(renewal),
      [&work](const std::string& until) {
        work.finish({{"renewed", {{"until", until}}}});
      },
      renew_atom_v);
}

constexpr std::array renewed_fields{json_field{"until", json_kind::text, true}};
constexpr std::array renewed_answer{json_field{"renewed", json_kind::object, true, renewed_fields}};

} // namespace

std::span<const verb> enrolment_verbs() {
  using enum request_field::kind;
  static constexpr std::array invite_fields{
      request_field::needed_name("node").only_by(request_way::socket),
      request_field{"role"}.only_by(request_way::socket),
      request_field{"days", number, false, 1, 3650}.only_by(request_way::socket)};
  static constexpr std::array poll_fields{request_field{"from", number}, request_field{"wait_ms", number}};
  static constexpr std::array enrol_fields{
      request_field{"number", number, true}, request_field{"certificate", text, false, 0, 8192},
      request_field{"ca", text, false, 0, 8192}, request_field{"code", text, false, 0, 64},
      request_field{"reason", text, false, 0, 1024}};
  static constexpr std::array rows{
      verb{.name = "invite",
           .takes = operator_alone,
           .scope = verb_scope::here,
           .serve = run<invite>,
           .fields = invite_fields,
           .http = {.by = http_rule::method::post, .takes = command_rights{right::manage, subject::node}}},
      verb{.name = "enrolments",
           .takes = {right::view, subject::node},
           .scope = verb_scope::here,
           .serve = spawn_enrolment_poll,
           .fields = poll_fields,
           .answer = answers::enrolments},
      verb{.name = "enrol",
           .takes = {right::manage, subject::node},
           .scope = verb_scope::here,
           .serve = run<enrol>,
           .fields = enrol_fields},
      verb{.name = "renew",
           .takes = {right::manage, subject::node},
           .scope = verb_scope::here_or_node,
           .serve = run<renew>,
           .answer = renewed_answer},
  };
  return rows;
}

} // namespace hublink
