#include "node/requests/definition_requests.hpp"
#include "node/base/time_text.hpp"
#include "node/definition/definition_json.hpp"
#include "node/definition/definition_services.hpp"
#include "node/requests/apply_request.hpp"
#include "node/requests/definition_work.hpp"
#include "node/requests/list_request.hpp"
#include "node/requests/local_request.hpp"
#include "node/requests/revoke_request.hpp"

#include <array>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

// -- definition: what a node has

void show(local_request& work) {
  auto* definitions = definitions_of(work);
  if (!definitions || !hear_word(work, *definitions)) return;
  auto self = work.services().self.now();
  const auto& keeper = definitions->keeper;
  json row{{"node", self->node}, {"version", keeper.version()}, {"list", definitions->lists.number()}};
  for (const auto& [node, kept] : keeper.kept()) {
    auto& shape = row["kept"][node] = {{"version", kept.version}, {"handed_on", kept.handed_on}};
    if (kept.reason) shape["reason"] = to_string(*kept.reason);
  }
  if (work.flag("content")) row["content"] = json_of(*self);
  work.finish({{"definitions", json::array({row})}});
}

json join_definitions(const gathered_answers& all) { return {{"definitions", all.rows("definitions")}}; }

// -- define: a manager's, to each node

void hand_on(local_request& work, const bytes& packed, const definition_record& content) {
  auto& definitions = *work.services().definitions;
  if (auto kept = definitions.keeper.keep(packed); !kept) return work.fail(kept.error());
  json done{{"version", content.version}};
  auto push = push_of(definitions);
  if (!push || !work.services().self->find_client(content.node)) {
    done["kept"] = true; // a neighbour asks for it
    return work.finish(done);
  }
  auto told = [&work, done](std::int64_t list) mutable {
    if (list > 0) done["list"] = list;
    work.finish(std::move(done));
  };
  work.wait_for(*push, told, define_atom_v, content.node);
}

void define(local_request& work) {
  auto* definitions = definitions_of(work);
  if (!definitions) return;
  if (auto list = work.text("list"); !list.empty())
    if (auto taken = definitions->lists.take(list); !taken) return work.fail(taken.error());
  if (!hear_word(work, *definitions)) return;
  auto packed = from_hex(work.text("definition"));
  if (!packed) return work.fail({errc::bad_config, work.here(), "a definition that can't be read"});
  auto genuine = definitions->keeper.verify(*packed);
  bool for_other =
      genuine && work.services().self->role == role::server && genuine->record.node != work.here();
  if (for_other) return hand_on(work, *packed, genuine->record);
  auto put = [&work](definition_ptr next) {
    caf::anon_send(work.services().supervisor, define_atom_v, std::move(next));
  };
  auto taken = definitions->keeper.take(*packed, work.services().by.from, put);
  if (!taken) return work.fail(taken.error());
  // Clients that are new in it may have waited for theirs.
  if (auto push = push_of(*definitions)) caf::anon_send(*push, define_atom_v);
  work.finish({{"version", *taken}, {"list", definitions->lists.number()}});
}

} // namespace

std::span<const verb> definition_verbs() {
  using enum request_field::kind;
  static constexpr std::array apply_fields{request_field{"topology", word}, request_field::flag_of("dry_run"),
                                           request_field::name_of("hash"),
                                           request_field::name_of("user").only_by(request_way::socket)};
  static constexpr std::array define_fields{request_field{"definition", word, true}, request_field{"list"},
                                            request_field{"word"}};
  static constexpr std::array show_fields{request_field::flag_of("content"), request_field{"word"}};
  static constexpr std::array list_fields{request_field{"list"}, request_field{"word"}};
  static constexpr std::array revoke_fields{request_field::name_of("node"), request_field{"list"},
                                            request_field::name_of("user").only_by(request_way::socket)};
  static constexpr std::array rows{
      verb{.name = "revoke",
           .takes = operator_alone,
           .scope = verb_scope::here,
           .serve = spawn_revoke_request,
           .fields = revoke_fields,
           .http = {.by = http_rule::method::post, .takes = command_rights{right::manage, subject::node}}},
      verb{.name = "revocations",
           .takes = {right::manage, subject::node},
           .scope = verb_scope::here,
           .serve = spawn_list_request,
           .fields = list_fields,
           .answer = answers::revocations},
      verb{.name = "apply",
           .takes = operator_alone,
           .scope = verb_scope::here,
           .serve = spawn_apply_request,
           .fields = apply_fields,
           .http = {.by = http_rule::method::post,
                    .takes = command_rights{right::manage, subject::node},
                    .after_look = true}},
      verb{.name = "define",
           .takes = {right::manage, subject::node},
           .scope = verb_scope::here,
           .serve = run<define>,
           .fields = define_fields,
           .answer = answers::define},
      verb{.name = "definition",
           .takes = {right::view, subject::node},
           .scope = verb_scope::network,
           .serve = run<show>,
           .fields = show_fields,
           .answer = answers::definition,
           .join = join_definitions},
  };
  return rows;
}

json definition_status(const definition_services& definitions) {
  auto version = definitions.keeper.version();
  json shape{{"version", version}};
  shape["list"] = definitions.lists.number();
  if (version > 0) shape["applied"] = to_rfc3339(std::int64_t(version));
  if (auto word = definitions.known.word()) shape["word"] = to_rfc3339(word->time_ms);
  for (const auto& [node, kept] : definitions.keeper.kept())
    if (kept.reason) shape["behind"][node] = to_string(*kept.reason);
  return shape;
}

void note_drift(const definition_services& definitions, json& nodes) {
  auto applied = definitions.applied ? definitions.applied->now() : nullptr;
  if (!applied) return;
  for (auto& node : nodes) {
    if (!node.contains("definition")) continue;
    auto& shape = node["definition"];
    shape["wanted"] = applied->version;
    shape["drift"] = field_number(shape, "version").value_or(0) != applied->version ||
                     std::int64_t(field_number(shape, "list").value_or(0)) < definitions.lists.number();
  }
}

} // namespace hublink
