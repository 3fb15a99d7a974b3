#include "node/requests/session_requests.hpp"
#include "node/accounts/accounts.hpp"
#include "node/requests/catching_up.hpp"
#include "node/requests/local_request.hpp"

#include <algorithm>
#include <array>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;
using session_rows = std::vector<session_row>;

json answer_with(const session_rows& rows) {
  json answer{{"sessions", json::array()}};
  for (const auto& row : rows) answer["sessions"].push_back(to_json(row));
  return answer;
}

/// The exit code is that of the first failure.
void finish_with(local_request& work, const session_rows& rows) {
  auto answer = answer_with(rows);
  for (const auto& row : rows)
    if (row.reason && !answer.contains("exit")) answer["exit"] = exit_code(row.reason->code);
  work.finish(std::move(answer));
}

/// Calls `then` with the sessions' actor.
template <class Then>
void at_manager(local_request& work, Then then) {
  if (work.services().self->role != role::manager)
    return work.fail({errc::bad_config, work.here(), work.here() + " is no manager: it has no sessions"});
  if (auto* sessions = work.sessions_here()) then(*sessions);
}

void log_in(local_request& work) {
  at_manager(work, [&work](const sessions_actor& sessions) {
    auto user = work.text("user");
    auto secret = work.take_secret();
    if (auto fine = accounts::check_name(user); !fine) return work.fail(fine.error());
    if (!secret || !work.services().logins)
      return work.fail({errc::bad_config, work.here(), "no password: a login takes one"});
    auto done = [&work, user](const session_rows& rows) {
      bool is_in =
          std::ranges::any_of(rows, [](const auto& row) { return row.state == session_standing::in; });
      if (is_in && work.services().definitions) bring_up_to_date(work.system(), work.services(), user);
      finish_with(work, rows);
    };
    login_order order{user, work.services().logins(user, std::move(secret))};
    work.wait_for(sessions, done, login_atom_v, std::move(order));
  });
}

void log_out(local_request& work) {
  at_manager(work, [&work](const sessions_actor& sessions) {
    auto done = [&work](const session_rows& rows) { work.finish(answer_with(rows)); };
    work.wait_for(sessions, done, logout_atom_v, work.text("user"));
  });
}

void list_sessions(local_request& work) {
  at_manager(work, [&work](const sessions_actor& sessions) {
    auto done = [&work](const session_rows& rows) {
      const auto user = work.text("user");
      finish_with(work, user.empty() ? rows : rows_of(rows, user));
    };
    work.ask(sessions, done, sessions_atom_v);
  });
}

} // namespace

std::span<const verb> session_verbs() {
  // Over a session a user proves his password; at the control socket it is given.
  static constexpr std::array login_fields{
      request_field::needed_name("user").only_by(request_way::socket),
      request_field{"password", request_field::kind::word}.only_by(request_way::socket),
      request_field{"scram"}.only_by(request_way::session)};
  static constexpr std::array whose{request_field::name_of("user").only_by(request_way::socket)};
  static constexpr std::array rows{
      verb{.name = "login",
           .takes = operator_alone,
           .scope = verb_scope::here,
           .serve = run<log_in>,
           .fields = login_fields,
           .http = {.by = http_rule::method::none}},
      verb{.name = "logout",
           .takes = operator_alone,
           .scope = verb_scope::here,
           .serve = run<log_out>,
           .fields = whose,
           .http = {.by = http_rule::method::none}},
      verb{.name = "sessions",
           .takes = operator_alone,
           .scope = verb_scope::here,
           .serve = run<list_sessions>,
           .fields = whose,
           .http = {.by = http_rule::method::get}},
  };
  return rows;
}

} // namespace hublink
