#include "node/requests/network_request.hpp"
#include "node/accounts/accounts.hpp"
#include "node/requests/answering.hpp"
#include "node/requests/password_keys.hpp"
#include "node/requests/serve_request.hpp"
#include "protocol/base/json_reader.hpp"
#include "protocol/definition/signed_status.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

json without(json request, std::initializer_list<const char*> keys) {
  for (auto key : keys) request.erase(key);
  return request;
}

/// Nobody can have answered it before.
std::string make_nonce() {
  std::array<unsigned char, status_nonce_size / 2> random{};
  RAND_bytes(random.data(), random.size());
  return to_hex(std::as_bytes(std::span{random}));
}

/// Of answers that the keys of a new password take.
constexpr std::uint64_t recipe_wanted = 1, keys_made = 2;

/// Of an answer that lacks nodes, or some of what they know.
constexpr int exit_partial = 6;

/// Some nodes may never answer. A manager waits longer than the servers that it asks.
constexpr std::chrono::seconds longest_wait_at_server{15}, longest_wait_at_manager{25};

using network_actor = control_actor::extend<caf::reacts_to<caf::tick_atom>>;

class network_request : public answering<network_request, network_actor> {
 public:
  static inline const char* name = "network_request";

  using answering::answering;
  ~network_request() {
    for (const auto& session : clients_) caf::anon_send(session, logout_atom_v);
  }

  behavior_type start(const verb* what, request_call call) {
    verb_ = what;
    return answering::start(std::move(call));
  }

  behavior_type behavior() {
    return {[](const transfer_record&) {}, [this](const command_reply& reply) { take(reply); },
            [this](caf::tick_atom) { give_up_waiting(); }};
  }

  void serve() {
    if (services().self->role != role::manager)
      return verb_->scope == verb_scope::network ? gather_clients() : pass_to_client(text("at"));
    ask_sessions(text(whose_field(*verb_)), [this](user_sessions mine) {
      sessions_ = std::move(mine);
      pass_from_manager();
    });
  }

 private:
  void pass_from_manager() {
    switch (verb_->scope) {
    case verb_scope::network:
      return gather_network(for_servers());
    case verb_scope::servers:
      return text("at").empty() ? gather_servers(for_servers()) : pass_to_server(text("at"));
    case verb_scope::server:
    case verb_scope::here_or_server:
      return pass_to_server(text("at"));
    case verb_scope::sender_of_file:
      return pass_to_sender_of(text("file"));
    case verb_scope::sender_of_transfer: // those who know it tell who sends it
      return gather_network({{"verb", "transfers"}, {"transfer", text("transfer")}});
    case verb_scope::here_or_node:
      if (contains(services().self->directory.servers, text("at"))) return pass_to_server(text("at"));
      break;
    case verb_scope::client:
    case verb_scope::here:
      break;
    }
    auto client = text("at");
    const std::string kind = verb_->scope == verb_scope::here_or_node ? "server or client" : "client";
    if (!pass_on(client))
      fail({errc::bad_config, here(),
            "say at which " + kind + ", with --at; " +
                (client.empty() ? "none was named" : client + " is none")});
  }

  // -- to one node

  void pass_to_server(const std::string& server) {
    if (!is_server(server)) return;
    if (auto secret = take_secret()) return make_keys(server, std::move(secret));
    give(*sessions_, server, without(for_servers(), {"at"}));
  }

  /// Else the command has ended.
  bool is_server(const std::string& name) {
    const auto self = services().self.now();
    if (contains(self->directory.servers, name)) return true;
    fail({errc::bad_config, here(),
          "say at which server, with --at; " + (name.empty() ? "none was named" : name + " is none")});
    return false;
  }

  // A password is not handed over: what that server makes of one is made of it here.

  void make_keys(const std::string& server, std::shared_ptr<const hublink::secret> secret) {
    if (auto fine = accounts::check_password(secret->view()); !fine) return fail(fine.error());
    if (!services().stretch) return fail({errc::bad_config, here(), "no password is taken here"});
    secret_of_keys_ = std::move(secret);
    give(*sessions_, server, {{"verb", "users-recipe"}, {"user", text("user")}}, recipe_wanted);
  }

  void take_recipe(const command_reply& reply) {
    if (reply.why && reply.line.empty()) return fail(*reply.why);
    auto answer = read_answer(reply.line, find_verb("users-recipe")->answer, reply.target);
    auto why = answer ? failure_in(*answer, reply.target) : answer.error();
    if (why) return fail(*why);
    auto recipe = recipe_of_json(field_object(*answer, "recipe"));
    if (!recipe) return fail({recipe.error().code, reply.target, recipe.error().text});
    auto done = [then = reply_as(reply.target, keys_made), recipe = *recipe](outcome<scram::key> key) {
      then(to_line(key ? keys_json(recipe, *key) : failed_answer(key.error(), {})), true);
      if (key) OPENSSL_cleanse(key->data(), key->size());
    };
    services().stretch(std::exchange(secret_of_keys_, {}), *recipe, std::move(done));
  }

  void take_keys(const command_reply& reply) {
    auto keys = read_json_object(reply.line);
    auto why = keys ? failure_in(*keys, here()) : keys.error();
    if (why) return fail(*why);
    auto line = without(for_servers(), {"at"});
    line["keys"] = std::move(*keys);
    give(*sessions_, reply.target, line);
  }

  void pass_to_sender_of(const std::string& file) {
    auto self = services().self.now();
    auto sender = self->directory.senders.find(file);
    if (sender == self->directory.senders.end() || !pass_on(sender->second))
      fail({errc::unknown_file, here(),
            "no client sends " + file + " by the topology that this manager runs with"});
  }

  /// At a manager: through its home server. False: there is no such client.
  bool pass_on(const std::string& client) {
    auto self = services().self.now();
    auto home = self->directory.homes.find(client);
    if (home == self->directory.homes.end()) return false;
    auto line = for_servers();
    line["at"] = client;
    give(*sessions_, home->second, line);
    return true;
  }

  /// Whose it is, his session says.
  json for_servers() const { return without(request(), {whose_field(*verb_), "password"}); }

  /// At its home server.
  void pass_to_client(const std::string& client) {
    open_session(client,
                 [this, line = for_clients()](const session_actor& session) { give_client(session, line); });
  }

  void give_client(const session_actor& session, const json& line) {
    self_->send(session, command_atom_v, to_line(line), std::uint64_t(0), reply_sink{self_});
  }

  /// What a user is limited to goes with the command: only the client knows a transfer's file.
  json for_clients() const {
    auto line = without(request(), {"network", "at", "only_files", whose_field(*verb_)});
    if (auto most = limit(); !most.is_all()) line["only_files"] = most.names();
    return line;
  }

  template <class Then>
  void open_session(const std::string& client, Then then) {
    auto refused = [this, client](const caf::error& no) { lose(client, to_failure(no, here())); };
    self_->request(services().supervisor, caf::infinite, sessions_atom_v, client)
        .then(
            [this, then, refused](const session_actor& session) {
              clients_.push_back(session);
              self_
                  ->request(session, caf::infinite, login_atom_v,
                            login_order{.user = {}, .make = {}, .reads = !verb_->takes.changes()})
                  .then([then, session] { then(session); }, refused);
            },
            refused);
  }

  // -- to all

  /// What their clients say, too.
  void gather_network(json line) {
    line["network"] = true;
    gather_servers(std::move(line));
  }

  void gather_servers(json line) {
    begin_gathering(longest_wait_at_manager);
    asked_ = find_verb(field_text(line, "verb"));
    nonce_ = make_nonce();
    line["nonce"] = nonce_;
    for (const auto& row : sessions_->rows)
      if (row.state == session_standing::in) {
        awaited_.insert(row.server);
        give(*sessions_, row.server, line);
      } else {
        note_missing(row.server, row.reason);
      }
    note_not_asked();
    if (awaited_.empty()) conclude();
  }

  /// Servers that came since the user logged in.
  void note_not_asked() {
    const auto self = services().self.now();
    for (const auto& server : self->directory.servers)
      if (std::ranges::find(sessions_->rows, server, &session_row::server) == sessions_->rows.end())
        note_missing(server, failure{errc::not_authenticated, here(),
                                     sessions_->user + " is not logged in at " + server});
  }

  void gather_clients() {
    begin_gathering(longest_wait_at_server);
    auto line = for_clients();
    asked_ = verb_;
    awaited_.insert(here());
    auto self = services().self.now();
    for (const auto& client : self->clients)
      if (client.role == role::client) awaited_.insert(client.name);
    own_ = serve_request(system(), services(), line, reply_as(here()));
    for (const auto& client : self->clients)
      if (client.role == role::client)
        open_session(client.name, [this, line](const session_actor& session) { give_client(session, line); });
  }

  void take(const command_reply& reply) {
    if (gathering_) return gather(reply);
    if (reply.tag == recipe_wanted) return take_recipe(reply);
    if (reply.tag == keys_made) return take_keys(reply);
    if (reply.why && reply.line.empty()) return fail(*reply.why);
    auto answer = read_answer(reply.line, verb_->answer, reply.target, reply.last);
    if (!answer) return fail(answer.error());
    if (!reply.last) return show(*answer);
    if (!sessions_ || verb_->scope != verb_scope::servers || failure_in(*answer, reply.target))
      return finish(std::move(*answer));
    answers_.push_back(std::move(*answer)); // of all servers this one alone was wanted
    from_.push_back(reply.target);
    conclude();
  }

  void gather(const command_reply& reply) {
    if (!awaited_.count(reply.target)) return; // it answers twice, or too late
    if (reply.why) return lose(reply.target, *reply.why);
    if (!reply.last) return;
    auto answer = read_answer(reply.line, asked_->answer, reply.target);
    auto why = answer ? failure_in(*answer, reply.target) : answer.error();
    if (!why && !speaks_for(reply.target, *answer))
      why = failure{errc::bad_message, reply.target, "an answer that is not about the node that gives it"};
    if (why) {
      note_missing(reply.target, why);
    } else {
      answers_.push_back(std::move(*answer));
      from_.push_back(reply.target);
    }
    settle(reply.target);
  }

  /// What a node says of itself, and a client says of nobody else.
  bool speaks_for(const std::string& node, const json& answer) const {
    auto* own = find_field(answer, "status");
    if (own && field_text(*own, "node") != node) return false;
    if (asked_->name == "status" && !own && !find_field(answer, "nodes")) return false;
    bool of_client = services().self->role == role::server && node != here();
    if (!of_client) return true;
    auto is_own = [&](const json& row) { return field_text(row, "node") == node; };
    return field_list(answer, "nodes").empty() && std::ranges::all_of(field_list(answer, "trace"), is_own) &&
           std::ranges::all_of(field_list(answer, "definitions"), is_own);
  }

  void begin_gathering(std::chrono::seconds longest) {
    gathering_ = true;
    self_->delayed_send(self_, longest, caf::tick_atom_v);
  }

  void give_up_waiting() {
    if (!gathering_) return;
    for (const auto& node : std::exchange(awaited_, {}))
      note_missing(node, failure{errc::timed_out, here(), node + " does not answer"});
    conclude();
  }

  /// It can't be asked.
  void lose(const std::string& node, const failure& why) {
    if (!gathering_) return fail(why);
    if (!awaited_.count(node)) return;
    note_missing(node, why);
    settle(node);
  }

  void settle(const std::string& node) {
    if (awaited_.erase(node) > 0 && awaited_.empty()) conclude();
  }

  void note_missing(const std::string& node, const std::optional<failure>& why) {
    json row{{"node", node}};
    if (why) row["reason"] = to_string(*why);
    missing_.push_back(std::move(row));
  }

  void conclude() {
    gathered_answers all{services(), request(), answers_, from_, nonce_};
    for (auto& row : all.rows("missing")) missing_.push_back(std::move(row));
    if (verb_->scope == verb_scope::sender_of_transfer) return pass_to_sender(all.rows("transfers"));
    auto answer = verb_->join(all);
    if (auto unproved = answer.find("missing"); unproved != answer.end()) {
      for (auto& row : *unproved) missing_.push_back(std::move(row));
      answer.erase("missing");
    }
    if (!missing_.empty()) {
      answer["missing"] = missing_;
      answer["exit"] = exit_partial;
    }
    finish(std::move(answer));
  }

  /// Who says so of a file that it sends by this manager's topology: an id is no proof.
  std::set<std::string> senders_of(const std::vector<json>& known) const {
    const auto self = services().self.now();
    std::set<std::string> found;
    for (const auto& row : known) {
      const auto sender = self->directory.senders.find(field_text(row, "file"));
      const bool may = sender != self->directory.senders.end() && sender->second == field_text(row, "from");
      if (may && field_text(row, "side") == "sender") found.insert(sender->second);
    }
    return found;
  }

  void pass_to_sender(const std::vector<json>& known) {
    gathering_ = false; // what still comes of the listing is of servers that were given up
    const auto senders = senders_of(known);
    if (senders.size() > 1)
      return fail({errc::failed, here(),
                   "both " + *senders.begin() + " and " + *std::next(senders.begin()) +
                       " say that they send a transfer " + text("transfer") +
                       ": say it at the client itself"});
    if (!senders.empty() && pass_on(*senders.begin())) return;
    std::string unasked;
    for (const auto& row : missing_)
      unasked += (unasked.empty() ? "; not asked: " : ", ") + field_text(row, "node");
    fail({errc::failed, here(), "no client sends a transfer " + text("transfer") + unasked});
  }

  const verb* verb_ = nullptr;
  std::optional<user_sessions> sessions_; ///< a manager's
  std::vector<session_actor> clients_;    ///< a server's, opened for this command
  std::optional<control_actor> own_;      ///< works on this node's part
  bool gathering_ = false;
  const verb* asked_ = nullptr; ///< of all
  std::set<std::string> awaited_;
  std::vector<json> answers_;
  std::vector<std::string> from_; ///< the node of each
  std::string nonce_;             ///< a manager's, of this command
  json missing_ = json::array();
  std::shared_ptr<const hublink::secret> secret_of_keys_; ///< until they are made of it
};

} // namespace

bool is_network_request(const definition& self, const verb& what, const json& request) {
  if (self.role == role::manager)
    return what.scope == verb_scope::here_or_server || what.scope == verb_scope::here_or_node
               ? !field_text(request, "at").empty()
               : what.scope != verb_scope::here;
  if (self.role != role::server) return false;
  return what.scope == verb_scope::network ? field_flag(request, "network")
                                           : !field_text(request, "at").empty();
}

control_actor spawn_network_request(caf::actor_system& system, const verb& what, request_call call) {
  return spawn<network_request>(system, &what, std::move(call));
}

} // namespace hublink
