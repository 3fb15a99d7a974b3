#include "node/requests/session_commands.hpp"
#include "node/base/json_text.hpp"
#include "node/control/request_json.hpp"
#include "node/definition/definition_services.hpp"
#include "node/requests/user_session.hpp"
#include "protocol/base/json_reader.hpp"

#include <algorithm>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

/// Of a node that asks for its definition; its certificate says which one it may have.
class fetch_session : public command_session {
 public:
  fetch_session(definition_services& definitions, std::string here, std::string peer)
      : definitions_(definitions), here_(std::move(here)), peer_(std::move(peer)) {}

  bool logged_in() const override { return false; } // it has a minute

  void serve(std::string line, reply to) override {
    auto request = read_json_object(line);
    if (!request || field_text(*request, "verb") != "fetch")
      return to("", true,
                failure{errc::not_authorised, here_, peer_ + " may only fetch its definition here"});
    auto found = find();
    if (!found) return to("", true, found.error());
    to(to_line({{"definition", to_hex(*found)},
                {"list", definitions_.lists.current()},
                {"word", to_hex(word())},
                {"exit", 0}}),
       true, {});
  }

 private:
  outcome<bytes> find() const {
    if (auto applied = definitions_.applied ? definitions_.applied->now() : nullptr;
        applied && applied->compiler.net().find(peer_))
      return sign_for(*applied, peer_, *definitions_.id.now());
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
  auto known = self.system_resolver ? self.hosts.end() : self.hosts.find(manager);
  auto* registered = self.find_client(manager);
  if (known == self.hosts.end() && !registered) return false;
  const auto address = (known != self.hosts.end() ? known->second : registered->address).known_address();
  return address && contains(self.managers_from, *address);
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

outcome<std::shared_ptr<command_session>> session_commands::open(const link_up& over, dismissal dismiss) {
  const auto& peer = over.peer;
  const auto peer_role = over.peer_role;
  if (auto may = admits(peer, peer_role); !may) return may.error();
  if (only_fetches(*self_.now(), peer, peer_role))
    return std::shared_ptr<command_session>{
        std::make_shared<fetch_session>(*definitions_, self_->node, peer)};
  auto node = actors();
  if (!node) return failure{errc::hop_down, self_->node, self_->node + " is ending"};
  control_services services{.supervisor = node->supervisor, .node = node->services, .self = self_};
  services.users = users_;
  if (users_) services.tokens = tokens_; // a client's are made at the client itself
  services.by.from = peer;
  services.data = data_;
  services.definitions = definitions_;
  services.events = events_;
  services.counters = counters_;
  return std::shared_ptr<command_session>{
      std::make_shared<user_session>(system_, std::move(services), over.binding, std::move(dismiss))};
}

} // namespace hublink
