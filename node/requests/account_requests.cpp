#include "node/requests/account_requests.hpp"
#include "node/base/time_text.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> account_verbs{"users-list", "users-add", "users-remove",
                                                        "users-passwd", "audit"};

json users_json(const std::vector<account_row>& rows) {
  auto users = json::array();
  for (const auto& row : rows) {
    json one{{"user", row.who.name}, {"rights", json::array()}, {"transfers", row.who.files}};
    for (auto each : row.who.rights) one["rights"].push_back(to_string(each));
    one["made"] = to_rfc3339(row.made_ms);
    one["failures"] = row.failures;
    users.push_back(std::move(one));
  }
  return {{"users", std::move(users)}};
}

json audit_json(const std::vector<audit_row>& rows) {
  auto all = json::array();
  for (const auto& row : rows) {
    json one{{"time", to_rfc3339(row.time_ms)}};
    if (!row.from.empty()) one["from"] = row.from;
    if (!row.user.empty()) one["user"] = row.user;
    one["command"] = row.command;
    if (!row.detail.empty()) one["detail"] = row.detail;
    one["result"] = row.result;
    all.push_back(std::move(one));
  }
  return {{"audit", std::move(all)}};
}

failure unknown_user(const std::string& name) {
  return {errc::bad_config, {}, "there is no user " + name + "; see hublink users list"};
}

outcome<json> add(account_store& store, const json& request, std::int64_t now_ms) {
  account who;
  who.name = field_text(request, "user");
  auto rights = rights_from_text(field_text(request, "rights"));
  if (!rights) return rights.error();
  who.rights = *rights;
  for (const auto& file : request.value("transfers", json::array()))
    who.files.insert(file.get<std::string>());
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

outcome<json> serve(account_store& store, const json& request, std::int64_t now_ms) {
  auto verb = field_text(request, "verb"), name = field_text(request, "user");
  if (verb == "users-list") return users_json(store.list());
  if (verb == "audit") return audit_json(store.audit(request.value("limit", 100u)));
  if (auto fine = accounts::check_name(name); !fine) return fine.error();
  if (verb == "users-remove") {
    if (is_last_of_users(store, name))
      return failure{
          errc::bad_config, {}, name + " is the last user with the right users; add another first"};
    return store.remove(name) ? outcome<json>{json::object()} : unknown_user(name);
  }
  if (auto fine = accounts::check_password(field_text(request, "password")); !fine) return fine.error();
  if (verb == "users-add") return add(store, request, now_ms);
  return store.change_password(name, field_text(request, "password")) ? outcome<json>{json::object()}
                                                                      : unknown_user(name);
}

} // namespace

bool is_account_verb(std::string_view verb) {
  return std::find(account_verbs.begin(), account_verbs.end(), verb) != account_verbs.end();
}

void serve_account_request(accounts& of, const commander& by, const json& request,
                           std::function<void(outcome<json>)> done) {
  of.work([by, request, done = std::move(done)](account_store& store) {
    auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    outcome<json> result{failure{}};
    try {
      result = serve(store, request, now.count());
      auto verb = field_text(request, "verb");
      bool changes = verb != "users-list" && verb != "audit";
      if (changes)
        store.note({now.count(), by.from, by.user, verb, field_text(request, "user"),
                    result ? "ok" : std::string{to_string(result.error().code)}});
    } catch (const SQLite::Exception& error) {
      result = failure{errc::io_error, {}, std::string("accounts: ") + error.what()};
    } catch (const nlohmann::json::exception& error) {
      result = failure{errc::bad_config, {}, std::string("malformed request: ") + error.what()};
    }
    done(std::move(result));
  });
}

} // namespace hublink
