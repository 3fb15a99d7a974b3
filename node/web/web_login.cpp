#include "node/web/web_login.hpp"
#include "node/accounts/accounts.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"
#include "node/requests/scram_login.hpp"
#include "node/requests/serve_request.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/json_reader.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <mutex>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

/// What the servers say that a user may, each for itself.
struct said_rights {
  std::mutex lock;
  std::size_t servers = 0;
  std::optional<account> common; ///< what all of them allow

  void add(const account& of_one) {
    std::lock_guard guard{lock};
    ++servers;
    if (!common) return void(common = of_one);
    std::erase_if(common->rights, [&](right each) { return !of_one.rights.count(each); });
    const auto both = common->limit().within(of_one.limit());
    common->files = both.names();
    if (!both.is_all() && common->files.empty()) common->rights.clear(); // nothing in common
  }
};

bool is_right(const scram::key& made, const scram::key& kept) {
  return CRYPTO_memcmp(made.data(), kept.data(), made.size()) == 0;
}

failure no_login(const control_services& services) {
  return {errc::bad_config, services.self->node,
          services.self->node + " is a client: it has no accounts; use a token (hublink tokens add)"};
}

/// More than half of the servers have to say that somebody may do something at the manager itself: what one
/// of them, or the home server by which the others are reached, makes up is not enough.
account here_of(const account& common, std::size_t answered, std::size_t servers) {
  auto made = common;
  if (2 * answered <= servers) made.rights.clear();
  return made;
}

web_login::result manager_result(const std::string& user, const std::shared_ptr<said_rights>& gathered,
                                 const std::string& line, std::size_t servers, const std::string& here) {
  web_login::result made;
  auto answer = read_json_object(line);
  if (answer)
    if (auto why = failure_in(*answer, here); why && !answer->contains("sessions")) {
      made.why = *why;
      return made;
    }
  made.sessions = std::make_shared<const json>(answer ? field_list(*answer, "sessions") : json::array());
  std::lock_guard guard{gathered->lock};
  if (!gathered->common) {
    made.why = {errc::not_authenticated, here, "no server let " + user + " in"};
    return made;
  }
  made.session = std::make_shared<web_session>();
  made.session->shown = *gathered->common;
  made.session->shown.name = user;
  made.session->who = here_of(made.session->shown, gathered->servers, servers);
  return made;
}

} // namespace

web_login::web_login(caf::actor_system& system, control_services services)
    : system_(system), services_(std::move(services)),
      stretcher_(services_.users ? std::make_shared<password_stretcher>() : nullptr) {}

void web_login::stop() {
  if (stretcher_) stretcher_->stop();
}

std::optional<control_actor> web_login::begin(const std::string& user, std::shared_ptr<const secret> password,
                                              const std::string& from, done then) {
  if (auto fine = accounts::check_name(user); !fine) return then({{}, fine.error()}), std::nullopt;
  if (!password) return then({{}, {errc::bad_config, {}, "no password"}}), std::nullopt;
  if (services_.self->role == role::manager)
    return begin_at_manager(user, std::move(password), std::move(then));
  if (!services_.users) return then({{}, no_login(services_)}), std::nullopt;
  begin_at_server(user, std::move(password), from, std::move(then));
  return {};
}

void web_login::begin_at_server(const std::string& user, std::shared_ptr<const secret> password,
                                const std::string& from, done then) {
  auto* users = services_.users;
  auto let_in = [users, then](const outcome<account_row>& row) {
    if (!row) return then({{}, row.error()});
    auto session = std::make_shared<web_session>();
    session->who = session->shown = row->who;
    session->watch = users->when_changed(row->who.name, [weak = std::weak_ptr(session)](const failure&) {
      if (auto known = weak.lock()) known->is_over = true;
    });
    then({session});
  };
  auto check = [stretcher = stretcher_, users, user, from, password = std::move(password), let_in,
                then](const outcome<account_store::checked_by>& known) {
    if (!known) return then({{}, known.error()});
    auto settle = [users, user, from, kept = *known, let_in, then](outcome<scram::key> key) {
      if (!key) return then({{}, key.error()});
      const bool right = is_right(scram::make_verifier(kept.keys.recipe, *key).stored, kept.keys.stored);
      OPENSSL_cleanse(key->data(), key->size());
      users->finish_login({user, "web " + from, kept.epoch, [right] { return right; }}, let_in);
    };
    stretcher->stretch(password, known->keys.recipe, std::move(settle));
  };
  users->begin_login(user, std::move(check));
}

std::optional<control_actor> web_login::begin_at_manager(const std::string& user,
                                                         std::shared_ptr<const secret> password, done then) {
  auto gathered = std::make_shared<said_rights>();
  auto services = services_;
  services.logins = [make = services_.logins_telling, gathered](std::string name,
                                                                std::shared_ptr<const secret> secret) {
    return make(std::move(name), std::move(secret),
                [gathered](const account& of_one) { gathered->add(of_one); });
  };
  auto reply = [user, gathered, then, servers = services_.self->directory.servers.size(),
                here = services_.self->node](std::string line, bool last) {
    if (last) then(manager_result(user, gathered, line, servers, here));
  };
  return serve_request(system_, std::move(services), {{"verb", "login"}, {"user", user}}, std::move(reply),
                       std::move(password));
}

void web_login::make_keys(const std::string& user, std::shared_ptr<const secret> password,
                          std::function<void(outcome<json> keys)> then) {
  if (!services_.users || !password) return then(failure{errc::bad_config, {}, "no password"});
  if (auto fine = accounts::check_password(password->view()); !fine) return then(fine.error());
  services_.users->work([stretcher = stretcher_, user, password, then](account_store& store) {
    const auto recipe = store.recipe_of(user);
    stretcher->stretch(password, recipe, [recipe, then](outcome<scram::key> key) {
      if (!key) return then(key.error());
      const auto keys = scram::make_verifier(recipe, *key);
      OPENSSL_cleanse(key->data(), key->size());
      then(json{{"stored", to_hex(keys.stored)}, {"server", to_hex(keys.server)}});
    });
  });
}

} // namespace hublink
