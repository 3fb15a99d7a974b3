#include "node/definition/definition_push.hpp"
#include "actors/base/answer_promise.hpp"
#include "actors/base/spawn.hpp"
#include "node/base/json_text.hpp"
#include "node/control/answer_shapes.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"

#include <map>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr auto first_pause = 2s, longest_pause = 60s;
constexpr auto longest_visit = 45s;
/// A client that has not answered by then holds up nobody behind it: its place goes to the next one.
constexpr auto usual_visit = 2s;
constexpr std::size_t most_at_once = 8, most_silent = 64;

class definition_push_state {
 public:
  static inline const char* name = "definition_push";

  explicit definition_push_state(definition_push_actor::stateful_pointer<definition_push_state> self)
      : self_(self) {}
  // No asker waits for ever, however this one ends.
  ~definition_push_state() {
    for (auto& [client, state] : clients_) {
      if (state.session) caf::anon_send(*state.session, logout_atom_v);
      answer(state,
             failure{errc::cut, client, "the definition was not handed on: the node goes on otherwise"});
    }
  }

  definition_push_actor::behavior_type start(live_definition self, supervisor_actor supervisor,
                                             definition_keeper& keeper, const revocations& lists,
                                             const known_newest& known) {
    lists_ = &lists;
    known_ = &known;
    definition_ = std::move(self);
    supervisor_ = std::move(supervisor);
    keeper_ = &keeper;
    self_->send(self_, define_atom_v);
    return {
        [this](define_atom, const std::string& client) -> caf::result<void> {
          auto reply = self_->make_response_promise();
          clients_[client].askers.push_back(reply);
          begin(client);
          return reply;
        },
        [this](define_atom) { begin_all(); },
        [this](neighbour_atom, const std::string& peer, std::uint64_t incarnation) {
          if (!definition_->find_client(peer)) return;
          auto& state = clients_[peer];
          bool restarted = std::exchange(state.incarnation, incarnation) != incarnation;
          if (restarted && !state.running && keeper_->kept_for(peer)) begin(peer);
        },
        [this](resume_atom, const std::string& client) {
          clients_[client].planned = false;
          if (!is_done(client)) begin(client);
        },
        [this](const command_reply& reply) { take(reply); },
        [this](caf::tick_atom, const std::string& client, std::uint64_t visit) {
          auto found = clients_.find(client);
          if (found == clients_.end() || !found->second.running || found->second.visits != visit) return;
          if (!found->second.silent) return give_place_away(client, found->second);
          over(client, failure{errc::timed_out, definition_->node, client + " does not answer"});
        },
    };
  }

 private:
  struct client_state {
    bool wanted = false, running = false, planned = false;
    bool silent = false;       ///< its visit takes long
    std::uint64_t version = 0; ///< that is on its way
    std::uint64_t visits = 0;
    std::uint64_t incarnation = 0; ///< of the client's process, when its link came up last
    std::optional<session_actor> session;
    std::vector<caf::response_promise> askers;
    std::chrono::seconds pause{0}; ///< before the next try
  };

  bool is_done(const std::string& client) const {
    auto kept = keeper_->kept_for(client);
    return !kept || kept->handed_on || !definition_->find_client(client);
  }

  void begin_all() {
    for (const auto& [node, state] : keeper_->kept())
      if (!is_done(node)) begin(node);
  }

  void begin(const std::string& client) {
    clients_[client].wanted = true;
    begin_waiting();
  }

  void begin_waiting() {
    // Those that failed last time after the others.
    for (bool failed : {false, true})
      for (auto& [client, state] : clients_) {
        if (running_ >= most_at_once || silent_ >= most_silent) return;
        if (state.wanted && !state.running && (state.pause > 0s) == failed) visit(client, state);
      }
  }

  void give_place_away(const std::string& client, client_state& state) {
    state.silent = true;
    ++silent_;
    --running_;
    self_->delayed_send(self_, longest_visit - usual_visit, caf::tick_atom_v, client, state.visits);
    begin_waiting();
  }

  void visit(const std::string& client, client_state& state) {
    state.wanted = false;
    auto kept = keeper_->kept_for(client);
    if (!kept || !definition_->find_client(client))
      return answer(state, failure{errc::not_registered, definition_->node,
                                   "no definition of " + client + " is kept here"});
    state.running = true;
    ++running_;
    state.version = kept->version;
    self_->delayed_send(self_, usual_visit, caf::tick_atom_v, client, ++state.visits);
    auto line = to_line({{"verb", "define"},
                         {"definition", to_hex(kept->as_signed)},
                         {"list", lists_->current()},
                         {"word", to_hex(known_->word_as_signed())}});
    auto failed = [this, client](const caf::error& no) { over(client, to_failure(no, definition_->node)); };
    self_->request(supervisor_, caf::infinite, sessions_atom_v, client)
        .then(
            [this, client, line, failed](const session_actor& session) {
              clients_[client].session = session;
              self_->request(session, caf::infinite, login_atom_v, login_order{})
                  .then(
                      [this, session, line] {
                        self_->send(session, command_atom_v, line, std::uint64_t(0), reply_sink{self_});
                      },
                      failed);
            },
            failed);
  }

  void take(const command_reply& reply) {
    if (reply.why) return over(reply.target, reply.why);
    if (!reply.last) return;
    auto answer = read_answer(reply.line, answers::define, reply.target);
    if (!answer) return over(reply.target, answer.error());
    auto why = failure_in(*answer, reply.target);
    if (!why && field_number(*answer, "exit") != 0u)
      why = failure{errc::failed, reply.target, "it did not take the definition, and does not say why"};
    over(reply.target, why);
  }

  void over(const std::string& client, const std::optional<failure>& why_not) {
    auto& state = clients_[client];
    if (!std::exchange(state.running, false)) return;
    --(std::exchange(state.silent, false) ? silent_ : running_);
    if (state.session) self_->send(*std::exchange(state.session, {}), logout_atom_v);
    keeper_->handed_on(client, state.version, why_not);
    if (!state.wanted) answer(state, why_not); // else a newer one waits already
    if (why_not)
      plan(client, state);
    else
      state.pause = 0s;
    begin_waiting();
  }

  void answer(client_state& state, const std::optional<failure>& why_not) {
    for (auto& asker : std::exchange(state.askers, {})) {
      if (why_not)
        asker.deliver(to_error(*why_not));
      else
        asker.deliver(caf::unit);
    }
  }

  void plan(const std::string& client, client_state& state) {
    if (std::exchange(state.planned, true)) return;
    state.pause = std::clamp<std::chrono::seconds>(2 * state.pause, first_pause, longest_pause);
    self_->delayed_send(self_, state.pause, resume_atom_v, client);
  }

  definition_push_actor::stateful_pointer<definition_push_state> self_;
  live_definition definition_;
  supervisor_actor supervisor_;
  definition_keeper* keeper_ = nullptr;
  const revocations* lists_ = nullptr;
  const known_newest* known_ = nullptr;
  std::map<std::string, client_state> clients_; ///< by client
  std::size_t running_ = 0, silent_ = 0;        ///< visits: of usual length, and longer ones
};

} // namespace

definition_push_actor spawn_definition_push(caf::actor_system& system, live_definition self,
                                            supervisor_actor supervisor, definition_keeper& keeper,
                                            const revocations& lists, const known_newest& known) {
  auto behavior = [](definition_push_actor::stateful_pointer<definition_push_state> self,
                     live_definition in_force, supervisor_actor supervisor, definition_keeper* keeper,
                     const revocations* lists, const known_newest* known) {
    note_if_it_falls(self);
    return self->state.start(std::move(in_force), std::move(supervisor), *keeper, *lists, *known);
  };
  return system.spawn(behavior, std::move(self), std::move(supervisor), &keeper, &lists, &known);
}

} // namespace hublink
