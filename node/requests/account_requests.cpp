#include "node/requests/account_requests.hpp"
#include "node/accounts/accounts.hpp"
#include "node/accounts/password_stretcher.hpp"
#include "node/base/time_text.hpp"
#include "node/requests/local_request.hpp"

#include <openssl/crypto.h>

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
    if (!row.transfer.empty()) deed["transfer"] = row.transfer;
    if (!row.file.empty()) deed["file"] = row.file;
    deed["result"] = row.result;
    all.push_back(std::move(deed));
  }
  return {{"audit", std::move(all)}};
}

failure unknown_user(const std::string& name) {
  return {errc::bad_config, {}, "there is no user " + name + "; see hublink users list"};
}

// -- on the accounts' thread

/// A command about accounts, with all that it goes by.
struct account_job {
  accounts& users;
  const json& request;
  const hublink::secret* secret;              ///< null: none came with it
  std::shared_ptr<const account> giver;       ///< null: the operator at the server itself
  std::function<void(failure why)> changed{}; ///< the account is not what it was

  std::string name() const { return field_text(request, "user"); }
};

/// What it does with the store, with the fields of its answer.
using account_command = outcome<json> (*)(account_store& store, const account_job& job);

outcome<json> list_users(account_store& store, const account_job&) { return users_json(store.list()); }

outcome<json> list_audit(account_store& store, const account_job& job) {
  return audit_json(store.audit(std::uint32_t(field_number(job.request, "limit").value_or(100))));
}

/// Over the account of that name as it would be, and as it is.
outcome<> check_power(account_store& store, const account_job& job, const std::optional<account>& wanted) {
  if (auto fine = accounts::check_name(job.name()); !fine) return fine;
  if (!job.giver) return {};
  if (auto found = store.find(job.name()))
    if (auto fine = may_govern(*job.giver, found->who); !fine) return fine;
  return wanted ? may_govern(*job.giver, *wanted) : outcome<>{};
}

/// The account that the fields describe; what they leave out is as in `before`.
outcome<account> described_account(const json& request, account before) {
  before.name = field_text(request, "user");
  if (request.contains("rights")) {
    auto rights = rights_from_text(field_text(request, "rights"));
    if (!rights) return rights.error();
    before.rights = *rights;
  }
  if (request.contains("transfers")) {
    before.files.clear();
    for (const auto& file : field_list(request, "transfers")) before.files.insert(text_of(file));
  }
  return before;
}

template <std::size_t size>
bool take_octets(const json& from, const char* key, std::array<std::byte, size>& into) {
  auto data = from_hex(field_text(from, key));
  if (!data || data->size() != size) return false;
  std::copy(data->begin(), data->end(), into.begin());
  return true;
}

/// From the password, which only who is at the server itself gives; in a session from what was made of it, so
/// that no password is handed over.
outcome<scram::verifier> read_verifier(account_store& store, const account_job& job) {
  auto recipe = store.recipe_of(job.name());
  if (job.giver) {
    scram::verifier keys{.recipe = recipe};
    const auto& given = field_object(job.request, "keys");
    if (!take_octets(given, "stored", keys.stored) || !take_octets(given, "server", keys.server))
      return failure{
          errc::bad_config, {}, "keys: stored and server, made of the password as a login of that user says"};
    return keys;
  }
  if (!job.secret) return failure{errc::bad_config, {}, "no password"};
  if (auto fine = accounts::check_password(job.secret->view()); !fine) return fine.error();
  auto key = stretch(*job.secret, recipe);
  if (!key) return key.error();
  auto keys = scram::make_verifier(recipe, *key);
  OPENSSL_cleanse(key->data(), key->size());
  return keys;
}

outcome<json> add_user(account_store& store, const account_job& job) {
  auto who = described_account(job.request, {});
  if (!who) return who.error();
  if (auto fine = check_power(store, job, *who); !fine) return fine.error();
  auto keys = read_verifier(store, job);
  if (!keys) return keys.error();
  if (!store.add(*who, *keys, job.users.now_ms()))
    return failure{errc::bad_config, {}, "there is a user " + who->name + " already"};
  return json::object();
}

/// The last one who may make accounts can't lock everybody out.
outcome<> keep_last_of_users(account_store& store, const std::string& name) {
  auto all = store.list();
  auto may = [](const account_row& row) {
    return row.who.rights.count(right::users) > 0 && row.who.files.empty();
  };
  auto found = store.find(name);
  if (!found || !may(*found) || std::count_if(all.begin(), all.end(), may) > 1) return {};
  return {errc::bad_config, name + " is the last user with the right users; add another first"};
}

outcome<json> remove_user(account_store& store, const account_job& job) {
  if (auto fine = check_power(store, job, {}); !fine) return fine.error();
  if (auto fine = keep_last_of_users(store, job.name()); !fine) return fine.error();
  if (!store.remove(job.name())) return unknown_user(job.name());
  job.changed({errc::not_authenticated, {}, "the account " + job.name() + " was removed; log in again"});
  return json::object();
}

outcome<json> change_user(account_store& store, const account_job& job) {
  auto found = store.find(job.name());
  if (!found) return unknown_user(job.name());
  auto who = described_account(job.request, found->who);
  if (!who) return who.error();
  if (auto fine = check_power(store, job, *who); !fine) return fine.error();
  bool keeps = who->rights.count(right::users) > 0 && who->files.empty();
  if (auto fine = keeps ? outcome<>{} : keep_last_of_users(store, who->name); !fine) return fine.error();
  if (!store.change_rights(*who)) return unknown_user(who->name);
  job.changed({errc::not_authenticated, {}, "the rights of " + who->name + " were changed; log in again"});
  return json::object();
}

outcome<json> change_password(account_store& store, const account_job& job) {
  if (auto fine = check_power(store, job, {}); !fine) return fine.error();
  auto keys = read_verifier(store, job);
  if (!keys) return keys.error();
  if (!store.change_password(job.name(), *keys)) return unknown_user(job.name());
  job.changed({errc::not_authenticated, {}, "the password of " + job.name() + " was changed; log in again"});
  return json::object();
}

outcome<json> serve(account_command what, account_store& store, const account_job& job) {
  try {
    return what(store, job);
  } catch (const SQLite::Exception& error) {
    return failure{errc::io_error, {}, std::string("accounts: ") + error.what()};
  } catch (const nlohmann::json::exception& error) {
    return failure{errc::bad_config, {}, std::string("malformed request: ") + error.what()};
  }
}

template <account_command what>
void give_to_accounts(local_request& work) {
  auto* users = work.services().users;
  if (!users)
    return work.fail({errc::bad_config, work.here(), work.here() + " is no server: it has no accounts"});
  auto task = [users, reply = work.reply_as(work.here()), here = work.here(), request = work.shared_request(),
               secret = work.take_secret(), giver = work.services().user](account_store& store) {
    std::optional<failure> changed;
    auto note = [&](failure why) { changed = std::move(why); };
    auto result = serve(what, store, {*users, *request, secret.get(), giver, note});
    if (result) (*result)["exit"] = 0;
    reply(to_line(result ? *result : failed_answer(result.error(), here)), true);
    // Behind the answer: it may be for one of the sessions that end.
    if (changed)
      users->work([users, name = field_text(*request, "user"), why = *changed](account_store&) {
        users->note_changed(name, why);
      });
  };
  users->work(std::move(task));
}

} // namespace

std::span<const verb> account_verbs() {
  // Nobody's who is limited.
  static constexpr command_rights of_users{right::users, subject::node},
      telling{right::users, subject::node, true};
  using enum request_field::kind;
  static constexpr auto user = request_field::needed_name("user");
  static constexpr auto transfers = request_field{"transfers", names};
  static constexpr auto password = request_field{"password", word}, made_of_it = request_field{"keys", keys};
  static constexpr std::array add_fields{user, password, made_of_it, request_field::needed_name("rights"),
                                         transfers};
  static constexpr std::array set_fields{user, request_field{"rights", word, false, 0, 255}, transfers};
  static constexpr std::array remove_fields{user};
  static constexpr std::array passwd_fields{user, password, made_of_it};
  static constexpr std::array audit_fields{request_field::limit_of("limit")};
  static constexpr std::array rows{
      verb{.name = "users-list",
           .takes = telling,
           .scope = verb_scope::here,
           .serve = run<give_to_accounts<list_users>>},
      verb{.name = "users-add",
           .takes = of_users,
           .scope = verb_scope::here,
           .serve = run<give_to_accounts<add_user>>,
           .fields = add_fields},
      verb{.name = "users-set",
           .takes = of_users,
           .scope = verb_scope::here,
           .serve = run<give_to_accounts<change_user>>,
           .fields = set_fields},
      verb{.name = "users-remove",
           .takes = of_users,
           .scope = verb_scope::here,
           .serve = run<give_to_accounts<remove_user>>,
           .fields = remove_fields},
      verb{.name = "users-passwd",
           .takes = of_users,
           .scope = verb_scope::here,
           .serve = run<give_to_accounts<change_password>>,
           .fields = passwd_fields},
      verb{.name = "audit",
           .takes = telling,
           .scope = verb_scope::here,
           .serve = run<give_to_accounts<list_audit>>,
           .fields = audit_fields},
  };
  return rows;
}

} // namespace hublink
