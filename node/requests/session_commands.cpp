#include "node/requests/session_commands.hpp"
#include "node/control/request_json.hpp"
#include "node/definition/definition_services.hpp"
#include "node/requests/serve_request.hpp"
#include "node/requests/verbs.hpp"

#include <algorithm>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

class user_session : public command_session, public std::enable_shared_from_this<user_session> {
 public:
  user_session(caf::actor_system& system, control_services services)
      : system_(system), services_(std::move(services)) {}
  ~user_session() override {
    for (const auto& [number, actor] : running_)
      if (actor) caf::anon_send_exit(*actor, caf::exit_reason::user_shutdown);
  }

  bool logged_in() const override {
    std::lock_guard guard{lock_};
    return !user_.empty() || !services_.users;
  }

  void serve(std::string line, reply to) override {
    auto request = json::parse(line, nullptr, false);
    if (!request.is_object()) return refuse(to, {errc::bad_config, {}, "a command that is no JSON object"});
    if (!services_.users) return execute(std::move(request), to); // the home server has checked it
    if (field_text(request, "verb") == "login") return login(request, to);
    check(std::make_shared<json>(std::move(request)), to);
  }

 private:
  void refuse(const reply& to, failure why) const {
    if (why.hop.empty()) why.hop = services_.self->node;
    to("", true, std::move(why));
  }

  void login(const json& request, const reply& to) {
    auto name = field_text(request, "user");
    services_.users->login(name, field_text(request, "password"), services_.by.from,
                           [weak = weak_from_this(), to, name](const outcome<account>& found) {
                             auto self = weak.lock();
                             if (!self) return;
                             if (!found) return self->refuse(to, found.error());
                             {
                               std::lock_guard guard{self->lock_};
                               self->user_ = name;
                             }
                             to(R"({"exit":0})", true, {});
                           });
  }

  // Against the accounts as they are now: a right that was taken away counts at once.
  void check(const std::shared_ptr<json>& request, const reply& to) {
    std::string name;
    {
      std::lock_guard guard{lock_};
      name = user_;
    }
    if (name.empty()) return refuse(to, {errc::not_authenticated, {}, "log in first"});
    services_.users->work([self = shared_from_this(), name, request, to](account_store& store) {
      auto verb = field_text(*request, "verb"), file = field_text(*request, "file");
      auto* known = find_verb(verb);
      const auto& takes = known ? known->takes : operator_alone;
      auto row = store.find(name);
      auto allowed =
          row ? may_command(row->who, verb, takes, file)
              : outcome<>{errc::not_authenticated, "the account " + name + " was removed; log in again"};
      if (takes.changes() || !allowed)
        store.note({std::chrono::duration_cast<std::chrono::milliseconds>(
                        std::chrono::system_clock::now().time_since_epoch())
                        .count(),
                    self->services_.by.from, name, verb, file,
                    allowed ? "ok" : std::string{to_string(allowed.error().code)}});
      if (!allowed) return self->refuse(to, allowed.error());
      self->execute(std::move(*request), to, std::make_shared<const account>(row->who));
    });
  }

  void execute(json request, const reply& to, std::shared_ptr<const account> user = {}) {
    auto services = services_;
    if (user) services.by.user = user->name;
    services.user = std::move(user);
    std::uint64_t number = 0;
    {
      std::lock_guard guard{lock_};
      number = ++last_number_;
      running_[number];
    }
    auto answer = [weak = weak_from_this(), to, number](std::string text, bool last) {
      to(std::move(text), last, {});
      if (auto self = weak.lock(); self && last) {
        std::lock_guard guard{self->lock_};
        self->running_.erase(number);
      }
    };
    auto actor = serve_request(system_, std::move(services), std::move(request), std::move(answer));
    std::lock_guard guard{lock_};
    if (auto place = running_.find(number); place != running_.end()) place->second = std::move(actor);
  }

  caf::actor_system& system_;
  control_services services_;
  mutable std::mutex lock_;
  std::string user_; ///< logged in
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, std::optional<control_actor>> running_; ///< held until they have answered
};

/// Of a node that asks for its definition; its certificate says which one it may have.
class fetch_session : public command_session {
 public:
  fetch_session(definition_services& definitions, std::string here, std::string peer)
      : definitions_(definitions), here_(std::move(here)), peer_(std::move(peer)) {}

  bool logged_in() const override { return false; } // it has a minute

  void serve(std::string line, reply to) override {
    auto request = json::parse(line, nullptr, false);
    if (!request.is_object() || field_text(request, "verb") != "fetch")
      return to("", true,
                failure{errc::not_authorised, here_, peer_ + " may only fetch its definition here"});
    auto found = find();
    if (!found) return to("", true, found.error());
    to(json{{"definition", to_hex(*found)},
            {"list", definitions_.lists.current()},
            {"word", to_hex(word())},
            {"exit", 0}}
           .dump(),
       true, {});
  }

 private:
  outcome<bytes> find() const {
    if (auto applied = definitions_.applied ? definitions_.applied->now() : nullptr;
        applied && applied->compiler.net().find(peer_))
      return sign_for(*applied, peer_, *definitions_.id);
    if (auto kept = definitions_.keeper.kept_for(peer_)) return kept->as_signed;
    return failure{errc::not_registered, here_,
                   here_ + " has no definition of " + peer_ + " yet; apply one at the manager"};
  }

  /// A manager says it now, a server hands on what it has.
  bytes word() const {
    auto applied = definitions_.applied ? definitions_.applied->now() : nullptr;
    return applied ? definitions_.give_word(applied->compiler.net().network)
                   : definitions_.known.word_as_signed();
  }

  definition_services& definitions_;
  std::string here_, peer_;
};

bool may_fetch(const definition& self, const std::string& peer, role peer_role) {
  if (self.role == role::manager) return peer == self.home && peer_role == role::server;
  auto* client = self.find_client(peer);
  return (client && client->role == peer_role) || (peer_role == role::server && self.find_neighbour(peer));
}

/// By the address that this node itself has for that manager: the connection comes from the next hub.
bool is_accepted_from(const definition& self, const std::string& manager) {
  if (self.managers_from.empty()) return true;
  auto known = self.hosts.find(manager);
  auto* registered = self.find_client(manager);
  if (known == self.hosts.end() && !registered) return false;
  const auto& address = known != self.hosts.end() ? known->second : registered->address.address;
  return std::any_of(self.managers_from.begin(), self.managers_from.end(),
                     [&](const auto& network) { return network.contains(address); });
}

} // namespace

void session_commands::serve(node_actors actors) {
  std::lock_guard guard{lock_};
  actors_ = std::move(actors);
}

void session_commands::stop() {
  std::lock_guard guard{lock_};
  actors_.reset();
}

std::optional<node_actors> session_commands::actors() const {
  std::lock_guard guard{lock_};
  return actors_;
}

bool session_commands::only_fetches(const definition& self, const std::string& peer, role peer_role) const {
  bool manages = users_ && peer_role == role::manager;
  return definitions_ && !manages && self.role != role::client && may_fetch(self, peer, peer_role);
}

outcome<> session_commands::admits(const std::string& peer, role peer_role) const {
  auto self = self_.now();
  if (only_fetches(*self, peer, peer_role)) return {};
  bool manages = users_ && peer_role == role::manager;
  bool is_home = !users_ && peer_role == role::server && peer == self->home;
  if (!manages && !is_home)
    return failure{errc::not_authorised, self->node,
                   self->node + " takes no commands from the " + std::string{to_string(peer_role)} + " " +
                       peer};
  if (manages && !is_accepted_from(*self, peer))
    return failure{errc::not_authorised, self->node,
                   self->node + " takes no sessions from the network of " + peer + " (managers_from)"};
  return {};
}

outcome<std::shared_ptr<command_session>> session_commands::open(const std::string& peer, role peer_role) {
  if (auto may = admits(peer, peer_role); !may) return may.error();
  if (only_fetches(*self_.now(), peer, peer_role))
    return std::shared_ptr<command_session>{
        std::make_shared<fetch_session>(*definitions_, self_->node, peer)};
  auto node = actors();
  if (!node) return failure{errc::hop_down, self_->node, self_->node + " is ending"};
  control_services services{.supervisor = node->supervisor, .node = node->services, .self = self_};
  services.users = users_;
  services.by.from = peer;
  services.data = data_;
  services.definitions = definitions_;
  services.events = events_;
  return std::shared_ptr<command_session>{std::make_shared<user_session>(system_, std::move(services))};
}

} // namespace hublink
