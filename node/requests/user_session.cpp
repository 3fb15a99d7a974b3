#include "node/requests/user_session.hpp"
#include "node/base/json_text.hpp"
#include "node/control/request_json.hpp"
#include "node/requests/serve_request.hpp"
#include "node/requests/verbs.hpp"
#include "protocol/base/json_reader.hpp"

#include <sodium.h>

namespace hublink {

namespace {

std::string make_login_nonce() {
  bytes drawn(24);
  randombytes_buf(drawn.data(), drawn.size());
  return to_hex(drawn);
}

} // namespace

user_session::~user_session() {
  for (const auto& [number, command] : running_)
    if (command.actor) caf::anon_send_exit(*command.actor, caf::exit_reason::user_shutdown);
}

bool user_session::logged_in() const {
  std::lock_guard guard{lock_};
  return !grant_.user.empty() || !services_.users;
}

void user_session::refuse(const reply& to, failure why) const {
  if (why.hop.empty()) why.hop = services_.self->node;
  to("", true, std::move(why));
}

void user_session::serve(std::string line, reply to) {
  auto request = read_json_object(line);
  if (!request) return refuse(to, request.error());
  if (auto fine = fits_request(*request); !fine) return refuse(to, fine.error());
  if (!services_.users) return serve_home(std::move(*request), to);
  if (field_text(*request, "verb") == "login") return log_in(field_text(*request, "scram"), to);
  check(std::make_shared<json>(std::move(*request)), to);
}

// The home server has checked who asks. What no session may do it may not either.
void user_session::serve_home(json request, const reply& to) {
  auto verb = field_text(request, "verb");
  auto* known = find_verb(verb);
  if (known && !known->takes.needed)
    return refuse(to, {errc::not_authorised, {}, "the command '" + verb + "' is given at the node itself"});
  execute(std::move(request), to, {}, {});
}

// -- who it is

void user_session::log_in(const std::string& client_text, const reply& to) {
  if (client_text.empty())
    return refuse(to, {errc::bad_message,
                       {},
                       "a login proves the password here, and does not hand it over; upgrade the manager"});
  if (logged_in())
    return refuse(to, {errc::bad_message, {}, "somebody is logged in over this session already"});
  if (client_text.starts_with("c=")) return conclude_login(client_text, to);
  auto from = scram::greeting::read(client_text);
  if (!from) return refuse(to, from.error());
  services_.users->begin_login(from->user, [weak = weak_from_this(), from = *from,
                                            to](const outcome<account_store::checked_by>& known) {
    auto self = weak.lock();
    if (!self) return;
    if (!known) return self->refuse(to, known.error());
    self->challenge(from, *known, to);
  });
}

void user_session::challenge(const scram::greeting& from, const account_store::checked_by& known,
                             const reply& to) {
  auto login = std::make_shared<const pending_login>(
      pending_login{scram::server{from, known.keys, make_login_nonce(), binding_}, known.epoch});
  auto text = login->side.first();
  {
    std::lock_guard guard{lock_};
    login_ = std::move(login);
  }
  to(to_line(json{{"scram", text}, {"exit", 0}}), true, {});
}

void user_session::conclude_login(const std::string& client_text, const reply& to) {
  std::shared_ptr<const pending_login> login; // one proof for each
  {
    std::lock_guard guard{lock_};
    login = std::exchange(login_, {});
  }
  if (!login) return refuse(to, {errc::bad_message, {}, "a proof before the user's name"});
  auto last = std::make_shared<std::optional<std::string>>();
  auto right = [login, client_text, last] {
    *last = login->side.prove(client_text);
    return last->has_value();
  };
  services_.users->finish_login({login->side.user(), services_.by.from, login->epoch, right},
                                [weak = weak_from_this(), last, to](const outcome<account_row>& found) {
                                  auto self = weak.lock();
                                  if (!self) return;
                                  if (!found) return self->refuse(to, found.error());
                                  self->let_in(*found);
                                  json answer{{"scram", **last},
                                              {"rights", to_text(found->who.rights)},
                                              {"transfers", found->who.files},
                                              {"exit", 0}};
                                  to(to_line(answer), true, {});
                                });
}

// On the accounts' thread, as all that changes an account: no change comes between.
void user_session::let_in(const account_row& who) {
  auto changed = [weak = weak_from_this()](const failure& why) {
    if (auto self = weak.lock()) self->end(why);
  };
  auto watch = services_.users->when_changed(who.who.name, changed);
  std::lock_guard guard{lock_};
  grant_ = {who.who.name, who.epoch, std::move(watch)};
}

void user_session::end(const failure& why) {
  auto told = why;
  if (told.hop.empty()) told.hop = services_.self->node;
  decltype(running_) ended;
  {
    std::lock_guard guard{lock_};
    grant_ = {};
    over_ = told;
    ended.swap(running_);
  }
  for (const auto& [number, command] : ended) {
    if (command.actor) caf::anon_send_exit(*command.actor, caf::exit_reason::user_shutdown);
    command.to("", true, told);
  }
  dismiss_(told);
}

// -- what he may

// Against the account as it is now: a right that was taken away counts at once.
void user_session::check(const std::shared_ptr<json>& request, const reply& to) {
  {
    std::lock_guard guard{lock_};
    if (over_) return refuse(to, *over_);
    if (grant_.user.empty()) return refuse(to, {errc::not_authenticated, {}, "log in first"});
  }
  // Whoever waits there must not keep the session: a node that ends does not come to it any more.
  services_.users->work([weak = weak_from_this(), request, to](account_store& store) {
    auto self = weak.lock();
    if (!self) return;
    grant holds;
    {
      std::lock_guard guard{self->lock_};
      if (self->over_) return self->refuse(to, *self->over_);
      holds = self->grant_;
    }
    auto row = store.find(holds.user);
    if (row && row->epoch != holds.epoch) row.reset();
    auto allowed = self->judge(holds.user, row, *request);
    auto* known = find_verb(field_text(*request, "verb"));
    auto by = commander{self->services_.by.from, holds.user};
    std::optional<audit_row> entry;
    if (!known || known->takes.changes() || !allowed)
      entry = audit_row_of(by, *request, self->services_.users->now_ms());
    if (!allowed) {
      entry->result = to_string(allowed.error().code);
      store.note(*entry);
      self->refuse(to, allowed.error());
      if (!row) self->end(allowed.error());
      return;
    }
    self->execute(std::move(*request), to, std::make_shared<const account>(row->who),
                  entry ? std::make_shared<const std::int64_t>(store.note(*entry)) : nullptr);
  });
}

outcome<> user_session::judge(const std::string& user, const std::optional<account_row>& row,
                              const json& request) const {
  if (!row) return {errc::not_authenticated, "the account " + user + " was changed; log in again"};
  if (request.contains("password"))
    return {errc::bad_config, "no password is handed over in a session; give it at the server itself"};
  auto verb = field_text(request, "verb");
  auto* known = find_verb(verb);
  return may_command(row->who, verb, known ? known->takes : operator_alone, field_text(request, "file"));
}

void user_session::execute(json request, const reply& to, std::shared_ptr<const account> user,
                           audit_number number_in_trail) {
  auto services = services_;
  if (user) services.by.user = user->name;
  services.user = std::move(user);
  std::uint64_t number = 0;
  {
    std::lock_guard guard{lock_};
    if (over_) return refuse(to, *over_);
    number = ++last_number_;
    running_[number].to = to;
  }
  control_reply answer = [weak = weak_from_this(), number](std::string text, bool last) {
    auto self = weak.lock();
    if (!self) return;
    reply whom;
    {
      std::lock_guard guard{self->lock_};
      auto found = self->running_.find(number);
      if (found == self->running_.end()) return; // it was ended
      whom = found->second.to;
      if (last) self->running_.erase(found);
    }
    whom(std::move(text), last, {});
  };
  if (number_in_trail) answer = audited(*services_.users, std::move(number_in_trail), std::move(answer));
  auto actor = serve_request(system_, std::move(services), std::move(request), std::move(answer));
  std::lock_guard guard{lock_};
  if (auto place = running_.find(number); place != running_.end())
    place->second.actor = std::move(actor);
  else
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown); // it has answered, or was ended meanwhile
}

} // namespace hublink
