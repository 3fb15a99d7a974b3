#include "node/requests/revoke_request.hpp"
#include "node/base/small_file.hpp"
#include "node/control/answer_shapes.hpp"
#include "node/requests/definition_work.hpp"
#include "node/trust/keys.hpp"
#include "protocol/trust/signed_form.hpp"

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

/// A server has the answers of its clients, or gives up on them, well before.
constexpr std::chrono::seconds longest_list_answer{60};
constexpr int some_not_told = 6; // exit code

using revoke_actor = control_actor::extend<caf::reacts_to<caf::tick_atom>>;

class revoke_request : public answering<revoke_request, revoke_actor> {
 public:
  static inline const char* name = "revoke_request";

  using answering::answering;

  behavior_type behavior() {
    return {[](const transfer_record&) {}, [this](const command_reply& reply) { take(reply); },
            [this](caf::tick_atom) {
              for (const auto& server : std::exchange(waiting_, {}))
                note_failed(server, {errc::timed_out, here(), server + " does not answer"});
              report();
            }};
  }

  void serve() {
    if (!services().definitions || !services().definitions->applied)
      return fail({errc::bad_config, here(), here() + " is no manager: it revokes nothing"});
    revoked_ = text("node");
    if (revoked_ == here())
      return fail({errc::bad_config, here(),
                   here() + " is the manager that is to tell the others; revoke it at another one"});
    if (auto made = put_in_force(); !made) return fail(made.error());
    rows_[here()] = row_of(here(), "told", lists().number());
    auto sessions = services().node.sessions;
    if (!sessions) return report();
    ask(
        *sessions,
        [this, actor = *sessions](const std::vector<session_row>& rows) {
          auto user = chosen_user(rows, text("user"));
          if (user)
            tell_servers({actor, *user, rows_of(rows, *user)});
          else
            tell_nobody(user.error());
        },
        sessions_atom_v);
  }

 private:
  revocations& lists() { return services().definitions->lists; }

  outcome<> put_in_force() {
    auto list = text("list");
    if (list.empty() && revoked_.empty()) return {};
    if (list.empty()) {
      auto made = revoke_here();
      if (!made) return made.error();
      list = std::move(*made);
    }
    auto newer = lists().take(list);
    if (!newer) return newer.error();
    if (!*newer && list != lists().current())
      return {errc::superseded, "list " + std::to_string(lists().number()) +
                                    " is in force, and the one that came is not newer: nothing was revoked; "
                                    "make it with hublink revoke NAME --keys DIR, which looks at both"};
    return {};
  }

  /// By the CA's key in this node's directory.
  outcome<std::string> revoke_here() {
    const auto& data = services().data;
    std::error_code ignored;
    if (!std::filesystem::exists(data / "ca", ignored))
      return {errc::bad_config, here() + " holds no CA: name the folder that hublink keys made, with --keys "
                                         "DIR, or bring a list with --list FILE"};
    auto done = revoke_keys(data, revoked_, services().definitions->wall_clock(), no_passphrase,
                            {.list = lists().current()});
    if (!done) return done.error();
    return read_small_file(data / "ca" / "crl.pem", max_revocation_list * 2);
  }

  const network_directory& directory() { return services().self->directory; }

  void tell_nobody(const failure& why) {
    for (const auto& server : directory().servers) note_failed(server, why);
    report();
  }

  void tell_servers(const user_sessions& mine) {
    json line{{"verb", "revocations"},
              {"list", lists().current()},
              {"word", to_hex(services().definitions->give_word(services().self->network))}};
    for (const auto& server : directory().servers) {
      const session_row* session = nullptr;
      for (const auto& row : mine.rows)
        if (row.server == server) session = &row;
      if (session && session->state == session_standing::in) {
        waiting_.insert(server);
        give(mine, server, line);
      } else {
        note_failed(server, session && session->reason
                                ? *session->reason
                                : failure{errc::not_authenticated, here(),
                                          "not logged in at " + server + "; see hublink login"});
      }
    }
    if (waiting_.empty()) return report();
    self_->delayed_send(self_, longest_list_answer, caf::tick_atom_v);
  }

  void take(const command_reply& reply) {
    if ((!reply.last && !reply.why) || waiting_.erase(reply.target) == 0) return;
    auto answer =
        reply.why ? outcome<json>{*reply.why} : read_answer(reply.line, answers::revocations, reply.target);
    auto why = answer ? failure_in(*answer, reply.target) : answer.error();
    if (why)
      note_failed(reply.target, *why);
    else
      note_rows(reply.target, *answer);
    if (waiting_.empty()) report();
  }

  void note_rows(const std::string& server, const json& answer) {
    for (const auto& said : field_list(answer, "lists")) {
      auto node = field_text(said, "node");
      auto home = directory().homes.find(node);
      bool its_own = node == server || (home != directory().homes.end() && home->second == server);
      if (!its_own || node == here()) continue; // a server speaks for its own alone
      auto number = std::int64_t(field_number(said, "list").value_or(0));
      if (said.contains("reason"))
        rows_[node] = failed_row(node, field_text(said, "code"), field_text(said, "reason"));
      else
        rows_[node] = row_of(node, "told", number);
    }
  }

  void note_failed(const std::string& node, const failure& why) {
    rows_[node] = failed_row(node, std::string{to_string(why.code)}, to_string(why));
  }

  static json row_of(const std::string& node, const char* state, std::int64_t number) {
    return {{"node", node}, {"state", state}, {"list", number}};
  }
  static json failed_row(const std::string& node, const std::string& code, const std::string& reason) {
    return {{"node", node}, {"state", "failed"}, {"code", code}, {"reason", reason}};
  }

  void report() {
    for (const auto& [client, home] : directory().homes)
      if (client != here() && !rows_.contains(client))
        note_failed(client, {errc::hop_down, here(), "its server " + home + " was not told"});
    // It has nothing to be told any more, and is in reach of nobody.
    if (auto gone = rows_.find(revoked_); gone != rows_.end())
      gone->second = {{"node", revoked_}, {"state", "revoked"}};
    json answer{{"list", lists().number()}, {"nodes", json::array()}, {"exit", 0}};
    for (auto& [node, row] : rows_) {
      if (field_text(row, "state") == "failed") answer["exit"] = some_not_told;
      answer["nodes"].push_back(std::move(row));
    }
    finish(std::move(answer));
  }

  std::string revoked_;              ///< empty: the list alone says it
  std::set<std::string> waiting_;    ///< servers
  std::map<std::string, json> rows_; ///< by node
};

} // namespace

control_actor spawn_revoke_request(caf::actor_system& system, request_call call) {
  return spawn<revoke_request>(system, std::move(call));
}

} // namespace hublink
