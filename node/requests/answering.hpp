#pragma once
/// What all actors that work on a command have in common: they ask, fail on an error, and end with the last
/// line of the answer. Included by sources of requests only.
#include "actors/base/spawn.hpp"
#include "actors/management/session_choice.hpp"
#include "node/base/json_text.hpp"
#include "node/control/answer_shapes.hpp"
#include "node/control/control_services.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"
#include "protocol/base/secret.hpp"

#include <algorithm>
#include <chrono>
#include <set>

namespace hublink {

/// One command, with all that it takes to serve it.
struct request_call {
  control_services services;
  std::shared_ptr<const nlohmann::ordered_json> request; ///< an object
  control_reply reply;
  std::shared_ptr<const hublink::secret> secret{}; ///< that came with the request; null: none
};

/// A manager's user, by whose sessions a command goes.
struct user_sessions {
  sessions_actor actor;
  std::string user;
  std::vector<session_row> rows; ///< his
};

/// The base of an actor's `State`, which has `void serve()` and `behavior_type behavior()`.
template <class State, class Actor = control_actor>
class answering {
 public:
  using json = nlohmann::ordered_json;
  using actor_type = Actor;
  using pointer = typename Actor::template stateful_pointer<State>;
  using behavior_type = typename Actor::behavior_type;

  explicit answering(pointer self) : self_(self) {}

  behavior_type start(request_call call) {
    services_ = std::move(call.services);
    request_ = std::move(call.request);
    reply_ = std::move(call.reply);
    secret_ = std::move(call.secret);
    self_->set_exception_handler([this](std::exception_ptr& thrown) -> caf::error { return fall(thrown); });
    derived().serve();
    return derived().behavior();
  }

  const control_services& services() const { return services_; }
  std::string here() const { return services_.self->node; }

  caf::actor_system& system() { return self_->system(); }

  const json& request() const { return *request_; }
  std::shared_ptr<const json> shared_request() const { return request_; }
  /// The password that came with it, once; null: none.
  std::shared_ptr<const hublink::secret> take_secret() { return std::exchange(secret_, {}); }
  // Of the request, whose fields are of the right kinds: see request_fields.
  std::string text(const char* field) const { return field_text(*request_, field); }
  bool flag(const char* field) const { return field_flag(*request_, field); }
  /// What may be touched for who asks. A command may narrow that, as a server does for its clients, and never
  /// widen it.
  file_limit limit() const {
    auto limit = services_.user ? services_.user->limit() : file_limit{};
    if (!request_->contains("only_files")) return limit;
    std::set<std::string> named;
    for (const auto& file : field_list(*request_, "only_files")) named.insert(text_of(file));
    return limit.within(file_limit{std::move(named)});
  }

  /// Calls `then` with what `whom` answers; an error, or none for half a minute, is how the command ends.
  template <class Whom, class Then, class... Message>
  void ask(const Whom& whom, Then then, Message&&... message) {
    self_->request(whom, std::chrono::seconds{30}, std::forward<Message>(message)...)
        .then(std::move(then), refused());
  }
  /// The same for what somebody waits for who wants to know what hangs: without an answer in time,
  /// `otherwise`.
  template <class Whom, class Then, class Otherwise, class... Message>
  void ask_briefly(const Whom& whom, Then then, Otherwise otherwise, Message&&... message) {
    self_->request(whom, std::chrono::milliseconds{700}, std::forward<Message>(message)...)
        .then(std::move(then), [this, otherwise = std::move(otherwise)](const caf::error& no) mutable {
          if (no == caf::sec::request_timeout) return otherwise();
          fail(to_failure(no, here()));
        });
  }
  /// The same, but waits as long as it takes.
  template <class Whom, class Then, class... Message>
  void wait_for(const Whom& whom, Then then, Message&&... message) {
    self_->request(whom, caf::infinite, std::forward<Message>(message)...).then(std::move(then), refused());
  }
  /// At a manager: calls `then` with the sessions of that user; empty: of the only one.
  template <class Then>
  void ask_sessions(const std::string& whose, Then then) {
    auto* sessions = sessions_here();
    if (!sessions) return;
    ask(
        *sessions,
        [this, sessions = *sessions, whose, then](const std::vector<session_row>& rows) {
          auto user = chosen_user(rows, whose);
          if (!user) return fail(user.error());
          then(user_sessions{sessions, *user, rows_of(rows, *user)});
        },
        sessions_atom_v);
  }
  /// The answer comes as `command_reply`.
  void give(const user_sessions& by, const std::string& server, const json& line, std::uint64_t tag = 0) {
    self_->send(by.actor, command_atom_v, by.user, server, to_line(line), tag, reply_sink{self_});
  }

  /// How long who asks wants to wait for something to come, by `wait_ms`; bounded.
  std::chrono::milliseconds wanted_wait() const {
    constexpr std::chrono::milliseconds longest_wait{30'000};
    const auto wanted = field_number(*request_, "wait_ms").value_or(0);
    return std::chrono::milliseconds{std::min<std::uint64_t>(wanted, longest_wait.count())};
  }

  // An actor that not every node has; where there is none, the command ends with that.
  const dispatcher_actor* dispatcher() {
    return needed(services_.node.dispatcher,
                  {errc::unknown_file, here(), here() + " is no client: it has no send definitions"});
  }
  const sessions_actor* sessions_here() {
    return needed(services_.node.sessions,
                  {errc::not_authorised, here(), here() + " is no manager: it has no sessions"});
  }
  const spool_keeper_actor* store() {
    return needed(services_.node.spools,
                  {errc::not_authorised, here(), here() + " is no server: it has no store"});
  }
  /// For a command of this one's own: its answer comes as if `node` had been given it with that tag.
  control_reply reply_as(std::string node, std::uint64_t tag = 0) {
    return [weak = caf::weak_actor_ptr{self_->ctrl()}, node = std::move(node), tag](std::string line,
                                                                                    bool last) {
      if (auto alive = weak.lock())
        caf::anon_send(caf::actor_cast<reply_sink>(alive),
                       command_reply{node, tag, std::move(line), last, {}});
    };
  }

  void show(const json& line) { show_text(to_line(line)); }
  void show_text(std::string line) { reply_(std::move(line), false); }
  /// The last line; without `exit` all went well.
  void finish(json line) {
    if (!line.contains("exit")) line["exit"] = 0;
    finish_with_text(to_line(line));
  }
  void finish_with_text(std::string line) {
    answered_ = true;
    reply_(std::move(line), true);
    self_->quit();
  }
  void fail(const failure& why) { derived().finish(failed_answer(why, here())); }

 protected:
  auto refused() {
    return [this](const caf::error& no) { fail(to_failure(no, here())); };
  }

  pointer self_;

 private:
  template <class Service>
  const Service* needed(const std::optional<Service>& service, const failure& why) {
    if (service) return &*service;
    fail(why);
    return nullptr;
  }

  /// A mistake of this program's: who asked hears of it, and the log.
  caf::error fall(std::exception_ptr& thrown) {
    auto why = fallen_actors::of_process().note(State::name, thrown);
    if (!answered_) fail({errc::failed, here(), "internal error: " + why});
    return caf::exit_reason::unhandled_exception;
  }

  State& derived() { return static_cast<State&>(*this); }

  control_services services_;
  std::shared_ptr<const json> request_;
  control_reply reply_;
  bool answered_ = false; ///< with its last line
  std::shared_ptr<const hublink::secret> secret_;
};

} // namespace hublink
