#include "node/requests/definition_requests.hpp"
#include "node/base/json_text.hpp"
#include "node/base/time_text.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"
#include "node/definition/definition_json.hpp"
#include "node/definition/definition_services.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

class definition_request_state {
 public:
  static inline const char* name = "definition_request";

  explicit definition_request_state(control_actor::stateful_pointer<definition_request_state> self)
      : self_(self) {}

  control_actor::behavior_type start(control_services services, const std::string& text,
                                     control_reply reply) {
    services_ = std::move(services);
    reply_ = std::move(reply);
    auto request = json::parse(text);
    if (!services_.definitions)
      fail({errc::bad_config, here(), here() + " takes no definitions"});
    else if (field_text(request, "verb") == "definition")
      show(request.value("content", false));
    else
      define(field_text(request, "definition"), field_text(request, "list"));
    return {[](const transfer_record&) {}, [](const command_reply&) {}};
  }

 private:
  std::string here() const { return services_.self->node; }
  definition_keeper& keeper() const { return services_.definitions->keeper; }

  void show(bool with_content) {
    auto self = services_.self.now();
    json row{{"node", self->node},
             {"version", keeper().version()},
             {"list", services_.definitions->lists.number()}};
    for (const auto& [node, one] : keeper().kept()) {
      auto& kept = row["kept"][node] = {{"version", one.version}, {"handed_on", one.handed_on}};
      if (one.reason) kept["reason"] = to_string(*one.reason);
    }
    if (with_content) row["content"] = json_of(*self);
    finish({{"definitions", json::array({row})}, {"exit", 0}});
  }

  void define(const std::string& hex, const std::string& list) {
    if (auto taken = list.empty() ? outcome<bool>{false} : services_.definitions->lists.take(list); !taken)
      return fail(taken.error());
    auto signed_one = from_hex(hex);
    if (!signed_one) return fail({errc::bad_config, here(), "a definition that can't be read"});
    auto genuine = keeper().verify(*signed_one);
    bool for_other = genuine && services_.self->role == role::server && genuine->said.node != here();
    if (for_other) return hand_on(*signed_one, genuine->said);
    auto taken = keeper().take(*signed_one, services_.by.from, [this](definition_ptr next) {
      self_->send(services_.supervisor, define_atom_v, std::move(next));
    });
    if (!taken) return fail(taken.error());
    wake_push();
    finish({{"version", *taken}, {"exit", 0}});
  }

  // Clients that are new in it may have waited for theirs.
  void wake_push() {
    if (auto push = services_.definitions->push.lock())
      self_->send(caf::actor_cast<definition_push_actor>(push), define_atom_v);
  }

  void hand_on(const bytes& signed_one, const definition_record& said) {
    if (auto kept = keeper().keep(signed_one); !kept) return fail(kept.error());
    json done{{"version", said.version}, {"exit", 0}};
    auto push = services_.definitions->push.lock();
    if (!push || !services_.self->find_client(said.node)) {
      done["kept"] = true; // a neighbour asks for it
      return finish(done);
    }
    self_->request(caf::actor_cast<definition_push_actor>(push), caf::infinite, define_atom_v, said.node)
        .then([this, done] { finish(done); }, [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  void fail(const failure& why) { finish(failed_answer(why, here())); }
  void finish(const json& line) {
    reply_(to_line(line), true);
    self_->quit();
  }

  control_actor::stateful_pointer<definition_request_state> self_;
  control_services services_;
  control_reply reply_;
};

} // namespace

bool is_definition_verb(std::string_view verb) { return verb == "define" || verb == "definition"; }

json definition_status(const definition_services& definitions) {
  auto version = definitions.keeper.version();
  json shape{{"version", version}};
  shape["list"] = definitions.lists.number();
  if (version > 0) shape["applied"] = to_rfc3339(std::int64_t(version));
  for (const auto& [node, one] : definitions.keeper.kept())
    if (one.reason) shape["behind"][node] = to_string(*one.reason);
  return shape;
}

void note_drift(const definition_services& definitions, json& nodes) {
  auto applied = definitions.applied ? definitions.applied->now() : nullptr;
  if (!applied) return;
  for (auto& node : nodes) {
    if (!node.contains("definition")) continue;
    auto& shape = node["definition"];
    shape["wanted"] = applied->version;
    shape["drift"] = shape.value("version", std::uint64_t(0)) != applied->version ||
                     shape.value("list", std::int64_t(0)) < definitions.lists.number();
  }
}

control_actor spawn_definition_request(caf::actor_system& system, control_services services,
                                       const json& request, control_reply reply) {
  auto behavior = [](control_actor::stateful_pointer<definition_request_state> self,
                     control_services services, const std::string& request, control_reply reply) {
    return self->state.start(std::move(services), request, std::move(reply));
  };
  return system.spawn(behavior, std::move(services), request.dump(), std::move(reply));
}

} // namespace hublink
