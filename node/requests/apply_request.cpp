#include "node/requests/apply_request.hpp"
#include "node/base/json_text.hpp"
#include "node/base/small_file.hpp"
#include "node/base/time_text.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"
#include "node/definition/apply_difference.hpp"
#include "node/definition/definition_services.hpp"
#include "node/topology/topology_check.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <deque>
#include <set>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

/// Servers that are served at once: each gets one definition after the other.
constexpr std::size_t most_servers = 32;

class apply_request_state {
 public:
  static inline const char* name = "apply_request";

  explicit apply_request_state(control_actor::stateful_pointer<apply_request_state> self) : self_(self) {}

  control_actor::behavior_type start(control_services services, const std::string& text,
                                     control_reply reply) {
    services_ = std::move(services);
    reply_ = std::move(reply);
    begin(json::parse(text));
    return {[](const transfer_record&) {}, [this](const command_reply& said) { take(said); }};
  }

 private:
  struct server_plan {
    bool looking = false; ///< asked what it has
    std::deque<std::string> nodes;
  };

  std::string here() const { return services_.self->node; }

  void begin(const json& request) {
    if (!services_.definitions || !services_.definitions->applied)
      return fail({errc::bad_config, here(), here() + " is no manager: it applies nothing"});
    homes_before_ = services_.self->directory.homes;
    auto text = field_text(request, "topology");
    if (auto fine = text.empty() ? outcome<>{} : judge(text); !fine) return fail(fine.error());
    if (request.value("dry_run", false)) return compare(text);
    if (!text.empty()) {
      auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
          std::chrono::system_clock::now().time_since_epoch());
      auto put = services_.definitions->applied->put(text, certificates_, now.count());
      if (!put) return fail(put.error());
    } else {
      only_missing_ = true;
    }
    state_ = services_.definitions->applied->now();
    if (!state_) return fail({errc::bad_config, here(), "nothing was applied yet; name a topology file"});
    if (auto list = read_small_file(services_.definitions->list_file))
      if (auto taken = services_.definitions->lists.take(*list); !taken) return fail(taken.error());
    take_own();
    ask_sessions();
  }

  /// Before anything is done.
  outcome<> judge(const std::string& text) {
    auto net = parse_and_check(text);
    if (!net.problems.empty())
      return {errc::bad_config,
              "the topology has " + count_of(net.problems) + ": " + to_string(net.problems.front())};
    auto self = services_.self.now();
    if (net.value.network != self->network)
      return {errc::bad_config, "the topology is of the network " + net.value.network + ", " + self->node +
                                    " belongs to " + self->network};
    auto* mine = net.value.find(self->node);
    if (!mine || mine->role != role::manager)
      return {errc::bad_config, "the topology has no manager " + self->node + ", which is to apply it"};
    const auto& file = services_.definitions->recipients_file;
    auto certificates = file.empty() ? certificate_map{} : certificates_for(net.value, file);
    if (!certificates) return certificates.error();
    certificates_ = std::move(*certificates);
    return {};
  }

  // -- what would change

  void compare(const std::string& text) {
    if (text.empty()) return fail({errc::bad_config, here(), "name the topology file to compare with"});
    auto got = [weak = caf::weak_actor_ptr{self_->ctrl()}, text, certificates = certificates_, reply = reply_,
                self = services_.self.now()](const std::string& line, bool last) {
      if (!last) return;
      reply(to_line(difference_of(json::parse(line, nullptr, false), text, certificates, *self)), true);
      if (auto alive = weak.lock()) caf::anon_send_exit(alive, caf::exit_reason::normal);
    };
    comparing_ = spawn_control_request(self_->system(), services_,
                                       json{{"verb", "definition"}, {"content", true}}.dump(), got);
  }

  // -- to all

  void take_own() {
    auto mine = sign_for(*state_, here(), *services_.definitions->id);
    if (!mine) return note(here(), "failed", mine.error());
    auto put = [this](definition_ptr next) {
      self_->send(services_.supervisor, define_atom_v, std::move(next));
    };
    auto taken = services_.definitions->keeper.take(*mine, here(), put);
    if (taken)
      note(here(), "applied", {});
    else
      note(here(), "failed", taken.error());
  }

  void ask_sessions() {
    auto refused = [this](const caf::error& no) { fail(to_failure(no, here())); };
    self_->request(services_.supervisor, caf::infinite, sessions_atom_v)
        .then(
            [this, refused](const sessions_actor& sessions) {
              sessions_ = sessions;
              self_->request(sessions, caf::infinite, sessions_atom_v)
                  .then([this](const std::vector<session_row>& rows) { plan(rows); }, refused);
            },
            refused);
  }

  void plan(const std::vector<session_row>& rows) {
    std::map<std::string, failure> missing;
    const auto& net = state_->compiler.net();
    for (const auto& [name, node] : net.nodes)
      if (node.role == role::server)
        missing[name] = {errc::not_authenticated, here(), "not logged in at " + name + "; see hublink login"};
    for (const auto& row : rows) {
      if (!missing.count(row.server)) continue;
      if (row.state == session_state::in)
        missing.erase(row.server);
      else if (row.reason)
        missing[row.server] = *row.reason;
    }
    for (const auto& [name, node] : net.nodes) {
      if (name == here()) continue;
      auto via = node.role == role::server ? name : node.home;
      if (auto why = missing.find(via); why != missing.end()) note(name, "failed", why->second);
    }
    for (const auto& [name, node] : net.nodes)
      if (node.role == role::server && !missing.count(name)) plans_[name].nodes = nodes_by(name, missing);
    for (const auto& [name, one] : plans_) waiting_.push_back(name);
    serve_waiting();
  }

  /// A client that moves to another server can be told by its old home alone, while that one still knows it.
  /// A server that can't be reached may come to ask its neighbours (`run --join`).
  std::deque<std::string> nodes_by(const std::string& server,
                                   const std::map<std::string, failure>& missing) const {
    const auto& net = state_->compiler.net();
    std::deque<std::string> nodes;
    for (const auto& [client, home] : homes_before_)
      if (auto* node = net.find(client); home == server && node && node->home != server)
        nodes.push_back(client);
    nodes.push_back(server);
    for (const auto& [name, node] : net.nodes)
      if (node.home == server && name != here()) nodes.push_back(name);
    for (const auto& [name, why] : missing)
      if (net.find(server)->neighbours.count(name) || net.find(name)->neighbours.count(server))
        nodes.push_back(name);
    return nodes;
  }

  void serve_waiting() {
    while (!waiting_.empty() && active_ < most_servers) {
      auto server = waiting_.front();
      waiting_.pop_front();
      ++active_;
      auto& plan = plans_[server];
      plan.looking = only_missing_;
      if (plan.looking)
        give(server, json{{"verb", "definition"}});
      else
        push_next(server);
    }
    if (active_ == 0) report();
  }

  void push_next(const std::string& server) {
    auto& plan = plans_[server];
    while (!plan.nodes.empty()) {
      auto signed_one = sign_for(*state_, plan.nodes.front(), *services_.definitions->id);
      if (signed_one)
        return give(server, json{{"verb", "define"},
                                 {"definition", to_hex(*signed_one)},
                                 {"list", services_.definitions->lists.current()}});
      note(plan.nodes.front(), "failed", signed_one.error());
      plan.nodes.pop_front();
    }
    plans_.erase(server);
    --active_;
    serve_waiting();
  }

  void give(const std::string& server, const json& line) {
    self_->send(*sessions_, command_atom_v, server, line.dump(), std::uint64_t(0), reply_sink{self_});
  }

  void take(const command_reply& said) {
    auto found = plans_.find(said.target);
    if (found == plans_.end() || (!said.last && !said.why)) return;
    auto answer = json::parse(said.line, nullptr, false);
    std::optional<failure> why = said.why;
    if (!why && answer.is_object() && answer.contains("error"))
      why = failure{errc_from_string(field_text(answer["error"], "code")), field_text(answer["error"], "hop"),
                    field_text(answer["error"], "reason")};
    if (!why && !answer.is_object())
      why = failure{errc::bad_message, said.target, "an answer that can't be read"};
    auto& plan = found->second;
    bool looked = std::exchange(plan.looking, false);
    if (said.why || (looked && why)) { // the session is lost, or its user may not
      for (const auto& node : std::exchange(plan.nodes, {})) note(node, "failed", *why);
    } else if (looked) {
      leave_out_what_is_there(plan, answer);
    } else {
      auto node = plan.nodes.front();
      plan.nodes.pop_front();
      if (why)
        note(node, "failed", *why);
      else if (!answer.value("kept", false))
        note(node, "applied", {});
    }
    push_next(said.target);
  }

  void leave_out_what_is_there(server_plan& plan, const json& answer) {
    for (const auto& row : answer.value("definitions", json::array())) {
      if (row.value("list", std::int64_t(0)) < services_.definitions->lists.number())
        return; // it goes with each
      std::erase_if(plan.nodes, [&](const auto& node) {
        auto kept = row.value("kept", json::object()).value(node, json::object());
        bool own = row.value("node", "") == node;
        auto version = own ? row.value("version", std::uint64_t(0)) : kept.value("version", std::uint64_t(0));
        bool has_it = version >= state_->version && (own || kept.value("handed_on", false));
        if (has_it) note(node, "applied", {});
        return has_it;
      });
    }
  }

  // -- the outcome

  void note(const std::string& node, const std::string& state, const std::optional<failure>& why) {
    auto& row = rows_[node];
    if (row.first == "applied") return; // by its old home
    row = {state, why};
  }

  void report() {
    json answer;
    answer["applied"] = {{"version", state_->version}, {"time", to_rfc3339(std::int64_t(state_->version))}};
    answer["nodes"] = json::array();
    answer["exit"] = 0;
    for (const auto& [node, outcome] : rows_) {
      json row{{"node", node}, {"state", outcome.first}};
      if (outcome.second) {
        row["code"] = to_string(outcome.second->code);
        row["reason"] = to_string(*outcome.second);
        if (answer["exit"] == 0) answer["exit"] = exit_code(outcome.second->code);
      }
      answer["nodes"].push_back(std::move(row));
    }
    finish(answer);
  }

  void fail(const failure& why) { finish(failed_answer(why, here())); }
  void finish(const json& line) {
    reply_(to_line(line), true);
    self_->quit();
  }

  control_actor::stateful_pointer<apply_request_state> self_;
  control_services services_;
  control_reply reply_;
  certificate_map certificates_; ///< that the topology needs
  std::shared_ptr<const applied_network::state> state_;
  std::map<std::string, std::string> homes_before_; ///< client → home
  bool only_missing_ = false;
  std::optional<sessions_actor> sessions_;
  std::optional<control_actor> comparing_;
  std::map<std::string, server_plan> plans_;
  std::deque<std::string> waiting_; ///< servers
  std::size_t active_ = 0;
  std::map<std::string, std::pair<std::string, std::optional<failure>>> rows_; ///< node → state
};

} // namespace

control_actor spawn_apply_request(caf::actor_system& system, control_services services, const json& request,
                                  control_reply reply) {
  auto behavior = [](control_actor::stateful_pointer<apply_request_state> self, control_services services,
                     const std::string& request, control_reply reply) {
    return self->state.start(std::move(services), request, std::move(reply));
  };
  return system.spawn(behavior, std::move(services), request.dump(), std::move(reply));
}

void bring_up_to_date(caf::actor_system& system, const control_services& services) {
  if (!services.definitions->applied || !services.definitions->applied->now()) return;
  auto log = [](const std::string& line, bool) {
    auto answer = json::parse(line, nullptr, false);
    if (!answer.is_object()) return;
    for (const auto& row : answer.value("nodes", json::array()))
      if (row.contains("reason"))
        spdlog::info("{} lacks the definition that was applied: {}", row.value("node", ""),
                     row.value("reason", ""));
  };
  services.definitions->employ(spawn_apply_request(system, services, json{{"verb", "apply"}}, log));
}

} // namespace hublink
