#include "node/requests/account_requests.hpp"
#include "node/accounts/accounts.hpp"
#include "node/base/time_text.hpp"
#include "node/requests/local_request.hpp"

#include <algorithm>
#include <array>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

json users_json(const std::vector<account_row>& rows) {
  auto users = json::array();
  for (const auto& row : rows) {
    json user{{"user", row.who.name}, {"rights", json::array()}, {"transfers", row.who.files}};
    for (auto each : row.who.rights) user["rights"].push_back(to_string(each));
    user["made"] = to_rfc3339(row.made_ms);
    user["failures"] = row.failures;
    users.push_back(std::move(user));
  }
  return {{"users", std::move(users)}};
}

json audit_json(const std::vector<audit_row>& rows) {
  auto all = json::array();
  for (const auto& row : rows) {
    json deed{{"time", to_rfc3339(row.time_ms)}};
    if (!row.from.empty()) deed["from"] = row.from;
    if (!row.user.empty()) deed["user"] = row.user;
    deed["command"] = row.command;
    if (!row.detail.empty()) deed["detail"] = row.detail;
    deed["result"] = row.result;
    all.push_back(std::move(deed));
  }
  return {{"audit", std::move(all)}};
}

failure unknown_user(const std::string& name) {
  return {errc::bad_config, {}, "there is no user " + name + "; see hublink users list"};
}

// -- each command: what it does with the store, with the fields of its answer

using account_command = outcome<json> (*)(account_store& store, const json& request, std::int64_t now_ms);

outcome<json> list_users(account_store& store, const json&, std::int64_t) { return users_json(store.list()); }

outcome<json> list_audit(account_store& store, const json& request, std::int64_t) {
  return audit_json(store.audit(std::uint32_t(field_number(request, "limit").value_or(100))));
}

outcome<> check_new(const json& request) {
  if (auto fine = accounts::check_name(field_text(request, "user")); !fine) return fine;
  return accounts::check_password(field_text(request, "password"));
}

outcome<json> add_user(account_store& store, const json& request, std::int64_t now_ms) {
  if (auto fine = check_new(request); !fine) return fine.error();
  account who;
  who.name = field_text(request, "user");
  auto rights = rights_from_text(field_text(request, "rights"));
  if (!rights) return rights.error();
  who.rights = *rights;
  for (const auto& file : field_list(request, "transfers")) who.files.insert(text_of(file));
  if (!store.add(who, field_text(request, "password"), now_ms))
    return failure{errc::bad_config, {}, "there is a user " + who.name + " already"};
  return json::object();
}

/// The last one who may make accounts can't lock everybody out.
bool is_last_of_users(account_store& store, const std::string& name) {
  auto all = store.list();
  auto may = [](const account_row& row) { return row.who.rights.count(right::users) > 0; };
  auto found = store.find(name);
  return found && may(*found) && std::count_if(all.begin(), all.end(), may) == 1;
}

outcome<json> remove_user(account_store& store, const json& request, std::int64_t) {
  auto name = field_text(request, "user");
  if (auto fine = accounts::check_name(name); !fine) return fine.error();
  if (is_last_of_users(store, name))
    return failure{errc::bad_config, {}, name + " is the last user with the right users; add another first"};
  return store.remove(name) ? outcome<json>{json::object()} : unknown_user(name);
}

outcome<json> change_password(account_store& store, const json& request, std::int64_t) {
  if (auto fine = check_new(request); !fine) return fine.error();
  auto name = field_text(request, "user");
  return store.change_password(name, field_text(request, "password")) ? outcome<json>{json::object()}
                                                                      : unknown_user(name);
}

// -- on the accounts' thread

struct account_job {
  account_command what;
  bool changes; ///< goes to the audit trail
  commander by;
  std::shared_ptr<const json> request;
};

outcome<json> serve(account_store& store, const account_job& job) {
  auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  try {
    auto result = job.what(store, *job.request, now.count());
    if (job.changes)
      store.note({now.count(), job.by.from, job.by.user, field_text(*job.request, "verb"),
                  field_text(*job.request, "user"),
                  result ? "ok" : std::string{to_string(result.error().code)}});
    return result;
  } catch (const SQLite::Exception& error) {
    return failure{errc::io_error, {}, std::string("accounts: ") + error.what()};
  } catch (const nlohmann::json::exception& error) {
    return failure{errc::bad_config, {}, std::string("malformed request: ") + error.what()};
  }
}

void give_to_accounts(local_request& work, account_command what, bool changes) {
  auto* users = work.services().users;
  if (!users)
    return work.fail({errc::bad_config, work.here(), work.here() + " is no server: it has no accounts"});
  auto done = [reply = work.reply_as(work.here()), here = work.here()](outcome<json> result) {
    if (result) (*result)["exit"] = 0;
    reply(to_line(result ? *result : failed_answer(result.error(), here)), true);
  };
  users->work([job = account_job{what, changes, work.services().by, work.shared_request()},
               done](account_store& store) { done(serve(store, job)); });
}

template <account_command what>
void look(local_request& work) {
  give_to_accounts(work, what, false);
}

template <account_command what>
void change(local_request& work) {
  give_to_accounts(work, what, true);
}

} // namespace

std::span<const verb> account_verbs() {
  static constexpr command_rights of_users{right::users, subject::none};
  static constexpr std::array rows{
      verb{"users-list", of_users, verb_scope::here, run<look<list_users>>},
      verb{"users-add", of_users, verb_scope::here, run<change<add_user>>},
      verb{"users-remove", of_users, verb_scope::here, run<change<remove_user>>},
      verb{"users-passwd", of_users, verb_scope::here, run<change<change_password>>},
      verb{"audit", of_users, verb_scope::here, run<look<list_audit>>},
  };
  return rows;
}

} // namespace hublink
