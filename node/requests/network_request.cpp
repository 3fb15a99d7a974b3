#include "node/requests/network_request.hpp"
#include "node/base/json_text.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"
#include "node/events/trace_file.hpp"
#include "node/requests/apply_request.hpp"
#include "node/requests/definition_requests.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> listings{"transfers", "history", "status", "trace", "definition"};

bool is_listing(std::string_view verb) {
  return std::find(listings.begin(), listings.end(), verb) != listings.end();
}

json without(json request, std::initializer_list<const char*> keys) {
  for (auto key : keys) request.erase(key);
  return request;
}

class network_request_state {
 public:
  static inline const char* name = "network_request";

  explicit network_request_state(control_actor::stateful_pointer<network_request_state> self) : self_(self) {}
  ~network_request_state() {
    for (const auto& one : clients_) caf::anon_send(one, logout_atom_v);
  }

  control_actor::behavior_type start(control_services services, const std::string& request,
                                     control_reply reply) {
    services_ = std::move(services);
    reply_ = std::move(reply);
    request_ = json::parse(request);
    verb_ = field_text(request_, "verb");
    dispatch();
    return {[](const transfer_record&) {}, [this](const command_reply& said) { take(said); }};
  }

 private:
  std::string here() const { return services_.self->node; }
  bool manages() const { return services_.self->role == role::manager; }

  void dispatch() {
    if (!manages()) return is_listing(verb_) ? gather_clients() : pass_to_client(field_text(request_, "at"));
    ask_supervisor_for_sessions([this](const sessions_actor& sessions) {
      sessions_ = sessions;
      if (verb_ == "login") return log_in();
      if (verb_ == "logout") return list_sessions(logout_atom_v);
      if (verb_ == "sessions") return list_sessions(sessions_atom_v);
      if (is_listing(verb_)) return gather_servers(request_);
      if (verb_ == "send") return pass_on(sender_of(field_text(request_, "file")));
      if (verb_ == "stored" || verb_ == "deliver") return pass_to_server(field_text(request_, "at"));
      if (verb_ == "cancel" || verb_ == "retry") return find_sender();
      pass_on(field_text(request_, "at"));
    });
  }

  template <class Then>
  void ask_supervisor_for_sessions(Then then) {
    self_->request(services_.supervisor, caf::infinite, sessions_atom_v)
        .then([then](const sessions_actor& sessions) { then(sessions); },
              [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  // -- sessions

  void log_in() {
    login_order order{field_text(request_, "user"), request_.dump()};
    request_.erase("password");
    self_->request(*sessions_, caf::infinite, login_atom_v, std::move(order))
        .then(
            [this](const std::vector<session_row>& rows) {
              if (services_.definitions) bring_up_to_date(self_->system(), services_);
              show(rows);
            },
            [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  template <class Atom>
  void list_sessions(Atom what) {
    self_->request(*sessions_, caf::infinite, what)
        .then([this](const std::vector<session_row>& rows) { show(rows); },
              [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  void show(const std::vector<session_row>& rows) {
    json answer{{"sessions", json::array()}, {"exit", 0}};
    for (const auto& row : rows) {
      answer["sessions"].push_back(to_json(row));
      if (row.reason && verb_ != "logout" && answer["exit"] == 0)
        answer["exit"] = exit_code(row.reason->code);
    }
    finish(answer);
  }

  // -- to one client

  std::string sender_of(const std::string& file) const {
    auto self = services_.self.now();
    auto found = self->directory.senders.find(file);
    return found == self->directory.senders.end() ? "" : found->second;
  }

  void pass_to_server(const std::string& server) {
    auto self = services_.self.now();
    if (!contains(self->directory.servers, server))
      return fail(
          {errc::bad_config, here(),
           "say at which server, with --at; " + (server.empty() ? "none was named" : server + " is none")});
    auto line = without(request_, {"at"});
    self_->send(*sessions_, command_atom_v, server, line.dump(), std::uint64_t(0), reply_sink{self_});
  }

  /// At a manager: through its home server.
  void pass_on(const std::string& client) {
    auto self = services_.self.now();
    const auto& homes = self->directory.homes;
    auto home = homes.find(client);
    if (home == homes.end())
      return fail({verb_ == "send" ? errc::unknown_file : errc::bad_config, here(),
                   verb_ == "send" ? "no client sends " + field_text(request_, "file") +
                                         " by the topology that this manager runs with"
                                   : "say at which client, with --at; " +
                                         (client.empty() ? "none was named" : client + " is none")});
    auto line = request_;
    line["at"] = client;
    self_->send(*sessions_, command_atom_v, home->second, line.dump(), std::uint64_t(0), reply_sink{self_});
  }

  /// At its home server.
  void pass_to_client(const std::string& client) {
    open_session(client, [this](const session_actor& session) {
      self_->send(session, command_atom_v, for_clients().dump(), std::uint64_t(0), reply_sink{self_});
    });
  }

  /// What a user is limited to goes with the command: only the client knows a transfer's file.
  json for_clients() const {
    auto line = without(request_, {"network", "at", "only_files"});
    if (services_.user && !services_.user->files.empty()) line["only_files"] = services_.user->files;
    return line;
  }

  template <class Then>
  void open_session(const std::string& client, Then then) {
    auto refused = [this, client](const caf::error& no) { broken(client, to_failure(no, here())); };
    self_->request(services_.supervisor, caf::infinite, sessions_atom_v, client)
        .then(
            [this, then, refused](const session_actor& session) {
              clients_.push_back(session);
              self_->request(session, caf::infinite, login_atom_v, login_order{})
                  .then([then, session] { then(session); }, refused);
            },
            refused);
  }

  // -- from all

  void gather_servers(const json& request) {
    gathering_ = true;
    self_->request(*sessions_, caf::infinite, sessions_atom_v)
        .then(
            [this, request](const std::vector<session_row>& rows) {
              auto line = request;
              line["network"] = true;
              for (const auto& row : rows)
                if (row.state == session_state::in) {
                  awaited_.insert(row.server);
                  self_->send(*sessions_, command_atom_v, row.server, line.dump(), std::uint64_t(0),
                              reply_sink{self_});
                } else {
                  note_missing(row.server, row.reason);
                }
              if (rows.empty())
                return fail({errc::not_authenticated, here(), "not logged in; see hublink login"});
              if (awaited_.empty()) conclude();
            },
            [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  void gather_clients() {
    gathering_ = true;
    auto line = for_clients();
    awaited_.insert(here());
    auto self = services_.self.now();
    for (const auto& client : self->clients)
      if (client.role == role::client) awaited_.insert(client.name);
    auto own = [weak = caf::weak_actor_ptr{self_->ctrl()}, node = here()](std::string text, bool last) {
      if (auto alive = weak.lock())
        caf::anon_send(caf::actor_cast<reply_sink>(alive), command_reply{node, 0, std::move(text), last, {}});
    };
    own_ = spawn_control_request(self_->system(), services_, line.dump(), std::move(own));
    for (const auto& client : self->clients)
      if (client.role == role::client)
        open_session(client.name, [this, line](const session_actor& session) {
          self_->send(session, command_atom_v, line.dump(), std::uint64_t(0), reply_sink{self_});
        });
  }

  void broken(const std::string& node, const failure& why) {
    if (!gathering_) return fail(why);
    note_missing(node, why);
    awaited_.erase(node);
    if (awaited_.empty()) conclude();
  }

  void note_missing(const std::string& node, const std::optional<failure>& why) {
    json one{{"node", node}};
    if (why) one["reason"] = to_string(*why);
    missing_.push_back(std::move(one));
  }

  void take(const command_reply& said) {
    if (!gathering_) {
      if (said.why && said.line.empty()) return fail(*said.why);
      reply_(said.line, said.last);
      if (said.last) self_->quit();
      return;
    }
    if (said.why) return broken(said.target, *said.why);
    if (!said.last) return;
    auto part = json::parse(said.line, nullptr, false);
    if (part.is_object() && part.contains("error"))
      note_missing(said.target,
                   failure{errc::failed, part["error"].value("hop", ""), part["error"].value("reason", "")});
    else if (part.is_object())
      merge(part);
    awaited_.erase(said.target);
    if (awaited_.empty()) conclude();
  }

  void merge(const json& part) {
    for (auto key : {"transfers", "nodes", "trace", "definitions"})
      for (const auto& one : part.value(key, json::array())) found_.push_back(one);
    if (part.contains("status")) found_.push_back(part["status"]);
    for (const auto& one : part.value("missing", json::array())) missing_.push_back(one);
  }

  void conclude() {
    if (verb_ == "cancel" || verb_ == "retry") return pass_to_sender();
    json answer;
    if (verb_ == "status") {
      answer["nodes"] =
          sorted([](const json& a, const json& b) { return a.value("node", "") < b.value("node", ""); });
      if (services_.definitions) note_drift(*services_.definitions, answer["nodes"]);
    } else if (verb_ == "definition") {
      answer["definitions"] = found_;
    } else if (verb_ == "trace") {
      answer["trace"] =
          sorted([](const json& a, const json& b) { return a.value("time", "") < b.value("time", ""); });
      number_times(answer["trace"]);
    } else {
      auto newest_first = sorted([](const json& a, const json& b) {
        return a.value("transfer", "") != b.value("transfer", "")
                   ? a.value("transfer", "") > b.value("transfer", "")
                   : a.value("side", "") > b.value("side", "");
      });
      auto limit = request_.value("limit", 1000u);
      if (newest_first.size() > limit) newest_first.erase(newest_first.begin() + limit, newest_first.end());
      answer["transfers"] = std::move(newest_first);
    }
    if (!missing_.empty()) answer["missing"] = missing_;
    answer["exit"] = 0;
    finish(answer);
  }

  template <class Before>
  json sorted(Before before) {
    std::vector<json> rows(found_.begin(), found_.end());
    std::sort(rows.begin(), rows.end(), before);
    return json(rows);
  }

  // -- a transfer, wherever it is

  void find_sender() {
    gather_servers({{"verb", "transfers"}, {"transfer", field_text(request_, "transfer")}});
  }

  void pass_to_sender() {
    gathering_ = false;
    for (const auto& one : found_)
      if (one.value("side", "") == "sender") return pass_on(one.value("from", ""));
    std::string unasked;
    for (const auto& one : missing_)
      unasked += (unasked.empty() ? "; not asked: " : ", ") + one.value("node", "");
    fail({errc::failed, here(), "no client sends a transfer " + field_text(request_, "transfer") + unasked});
  }

  void fail(const failure& why) { finish(failed_answer(why, here())); }
  void finish(const json& line) {
    reply_(to_line(line), true);
    self_->quit();
  }

  control_actor::stateful_pointer<network_request_state> self_;
  control_services services_;
  control_reply reply_;
  json request_;
  std::string verb_;
  std::optional<sessions_actor> sessions_; ///< a manager's
  std::vector<session_actor> clients_;     ///< a server's, opened for this command
  std::optional<control_actor> own_;       ///< works on this node's part
  bool gathering_ = false;
  std::set<std::string> awaited_;
  json found_ = json::array(), missing_ = json::array();
};

} // namespace

bool is_network_request(const definition& self, const json& request) {
  auto verb = field_text(request, "verb");
  constexpr std::array<std::string_view, 16> of_managers{
      "login",   "logout", "sessions", "send",      "request", "cancel", "retry", "hold",
      "release", "stored", "deliver",  "transfers", "history", "status", "trace", "definition"};
  if (self.role == role::manager)
    return std::find(of_managers.begin(), of_managers.end(), verb) != of_managers.end();
  if (self.role != role::server) return false;
  return is_listing(verb) ? request.value("network", false) : !field_text(request, "at").empty();
}

control_actor spawn_network_request(caf::actor_system& system, control_services services, const json& request,
                                    control_reply reply) {
  auto behavior = [](control_actor::stateful_pointer<network_request_state> self, control_services services,
                     const std::string& request, control_reply reply) {
    return self->state.start(std::move(services), request, std::move(reply));
  };
  return system.spawn(behavior, std::move(services), request.dump(), std::move(reply));
}

} // namespace hublink
