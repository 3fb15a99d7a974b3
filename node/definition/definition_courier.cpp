#include "node/definition/definition_courier.hpp"
#include "actors/base/answer_promise.hpp"
#include "node/control/request_json.hpp"

#include <map>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr auto first_pause = 2s, longest_pause = 60s;
constexpr std::size_t most_at_once = 8;

class courier_state {
 public:
  static inline const char* name = "definition_courier";

  explicit courier_state(courier_actor::stateful_pointer<courier_state> self) : self_(self) {}
  ~courier_state() {
    for (const auto& [client, one] : errands_)
      if (one.session) caf::anon_send(*one.session, logout_atom_v);
  }

  courier_actor::behavior_type start(live_definition self, supervisor_actor supervisor,
                                     definition_keeper& keeper, const revocations& lists) {
    lists_ = &lists;
    definition_ = std::move(self);
    supervisor_ = std::move(supervisor);
    keeper_ = &keeper;
    self_->send(self_, define_atom_v);
    return {
        [this](define_atom, const std::string& client) -> caf::result<void> {
          auto reply = self_->make_response_promise();
          errands_[client].askers.push_back(reply);
          begin(client);
          return reply;
        },
        [this](define_atom) { begin_all(); },
        [this](begin_atom, const std::string& client) {
          errands_[client].planned = false;
          if (!is_done(client)) begin(client);
        },
        [this](const command_reply& said) { take(said); },
    };
  }

 private:
  struct errand {
    bool wanted = false, running = false, planned = false;
    std::uint64_t version = 0; ///< that is on its way
    std::optional<session_actor> session;
    std::vector<caf::response_promise> askers;
    std::chrono::seconds pause{0}; ///< before the next try
  };

  bool is_done(const std::string& client) const {
    auto kept = keeper_->kept_for(client);
    return !kept || kept->handed_on || !definition_->find_client(client);
  }

  void begin_all() {
    for (const auto& [node, one] : keeper_->kept())
      if (!is_done(node)) begin(node);
  }

  void begin(const std::string& client) {
    errands_[client].wanted = true;
    begin_waiting();
  }

  void begin_waiting() {
    for (auto& [client, one] : errands_) {
      if (running_ >= most_at_once) return;
      if (one.wanted && !one.running) visit(client, one);
    }
  }

  void visit(const std::string& client, errand& one) {
    one.wanted = false;
    auto kept = keeper_->kept_for(client);
    if (!kept || !definition_->find_client(client))
      return answer(one, failure{errc::not_registered, definition_->node,
                                 "no definition of " + client + " is kept here"});
    one.running = true;
    ++running_;
    one.version = kept->version;
    auto line =
        json{{"verb", "define"}, {"definition", to_hex(kept->as_signed)}, {"list", lists_->current()}}.dump();
    auto failed = [this, client](const caf::error& no) { over(client, to_failure(no, definition_->node)); };
    self_->request(supervisor_, caf::infinite, sessions_atom_v, client)
        .then(
            [this, client, line, failed](const session_actor& session) {
              errands_[client].session = session;
              self_->request(session, caf::infinite, login_atom_v, login_order{})
                  .then(
                      [this, session, line] {
                        self_->send(session, command_atom_v, line, std::uint64_t(0), reply_sink{self_});
                      },
                      failed);
            },
            failed);
  }

  void take(const command_reply& said) {
    if (said.why) return over(said.target, said.why);
    if (!said.last) return;
    auto answer = json::parse(said.line, nullptr, false);
    if (answer.is_object() && answer.value("exit", 1) == 0) return over(said.target, {});
    failure why{errc::failed, said.target, "an answer that can't be read"};
    if (answer.is_object() && answer.contains("error"))
      why = {errc_from_string(field_text(answer["error"], "code")), field_text(answer["error"], "hop"),
             field_text(answer["error"], "reason")};
    over(said.target, why);
  }

  void over(const std::string& client, const std::optional<failure>& why_not) {
    auto& one = errands_[client];
    if (!std::exchange(one.running, false)) return;
    --running_;
    if (one.session) self_->send(*std::exchange(one.session, {}), logout_atom_v);
    keeper_->handed_on(client, one.version, why_not);
    if (!one.wanted) answer(one, why_not); // else a newer one waits already
    if (why_not)
      plan(client, one);
    else
      one.pause = 0s;
    begin_waiting();
  }

  void answer(errand& one, const std::optional<failure>& why_not) {
    for (auto& asker : std::exchange(one.askers, {})) {
      if (why_not)
        asker.deliver(to_error(*why_not));
      else
        asker.deliver(caf::unit);
    }
  }

  void plan(const std::string& client, errand& one) {
    if (std::exchange(one.planned, true)) return;
    one.pause = std::clamp<std::chrono::seconds>(2 * one.pause, first_pause, longest_pause);
    self_->delayed_send(self_, one.pause, begin_atom_v, client);
  }

  courier_actor::stateful_pointer<courier_state> self_;
  live_definition definition_;
  supervisor_actor supervisor_;
  definition_keeper* keeper_ = nullptr;
  const revocations* lists_ = nullptr;
  std::map<std::string, errand> errands_; ///< by client
  std::size_t running_ = 0;
};

} // namespace

courier_actor spawn_courier(caf::actor_system& system, live_definition self, supervisor_actor supervisor,
                            definition_keeper& keeper, const revocations& lists) {
  auto behavior = [](courier_actor::stateful_pointer<courier_state> self, live_definition known,
                     supervisor_actor supervisor, definition_keeper* keeper, const revocations* lists) {
    return self->state.start(std::move(known), std::move(supervisor), *keeper, *lists);
  };
  return system.spawn(behavior, std::move(self), std::move(supervisor), &keeper, &lists);
}

} // namespace hublink
