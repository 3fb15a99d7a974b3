#include "node/requests/apply_request.hpp"
#include "node/base/small_file.hpp"
#include "node/base/time_text.hpp"
#include "node/definition/apply_difference.hpp"
#include "node/definition/definition_services.hpp"
#include "node/definition/definition_size.hpp"
#include "node/requests/answering.hpp"
#include "node/requests/serve_request.hpp"
#include "node/topology/topology_check.hpp"

#include <sodium.h>

#include <array>
#include <deque>
#include <set>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

/// Servers that are served at once: each gets one definition after the other.
constexpr std::size_t most_servers = 32;
/// For one node's definition; a server has its client's answer, or gives up, well before.
constexpr std::chrono::seconds longest_answer{90};

using apply_actor = control_actor::extend<caf::reacts_to<caf::tick_atom, std::string, std::uint64_t>>;

class apply_request : public answering<apply_request, apply_actor> {
 public:
  static inline const char* name = "apply_request";

  using answering::answering;

  behavior_type behavior() {
    return {[](const transfer_record&) {}, [this](const command_reply& reply) { take(reply); },
            [this](caf::tick_atom, const std::string& server, std::uint64_t question) {
              auto found = plans_.find(server);
              if (found != plans_.end() && found->second.questions == question)
                take({server, 0, "", true, failure{errc::timed_out, here(), server + " does not answer"}});
            }};
  }

  void serve() {
    if (!services().definitions || !services().definitions->applied)
      return fail({errc::bad_config, here(), here() + " is no manager: it applies nothing"});
    auto topology = text("topology");
    if (auto fine = topology.empty() ? outcome<>{} : judge(topology); !fine) return fail(fine.error());
    if (flag("dry_run") || !text("hash").empty()) return compare(topology);
    apply_now();
  }

 private:
  void apply_now() {
    ask_sessions(text("user"), [this](user_sessions mine) {
      sessions_ = std::move(mine);
      bring();
    });
  }

  struct server_plan {
    bool looking = false; ///< asked what it has
    std::uint64_t questions = 0;
    std::deque<std::string> nodes;
  };

  /// Before anything is done.
  outcome<> judge(const std::string& text) {
    auto net = parse_and_check(text);
    if (!net.problems.empty())
      return {errc::bad_config,
              "the topology has " + count_of(net.problems) + ": " + to_string(net.problems.front())};
    auto self = services().self.now();
    if (net.value.network != self->network)
      return {errc::bad_config, "the topology is of the network " + net.value.network + ", " + self->node +
                                    " belongs to " + self->network};
    auto* mine = net.value.find(self->node);
    if (!mine || mine->role != role::manager)
      return {errc::bad_config, "the topology has no manager " + self->node + ", which is to apply it"};
    const auto& file = services().definitions->recipients_file;
    auto certificates =
        file.empty() ? certificate_map{} : certificates_for(net.value, {file, services().data});
    if (!certificates) return certificates.error();
    certificates_ = std::move(*certificates);
    if (auto longer = find_long_definitions(net.value, certificates_, here()); !longer.empty())
      return {errc::bad_config, "the topology has " + count_of(longer) + ": " + to_string(longer.front())};
    return {};
  }

  outcome<> put_in_force(const std::string& topology) {
    auto& applied = *services().definitions->applied;
    only_missing_ = topology.empty();
    if (!only_missing_) {
      auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
          services().definitions->wall_clock().time_since_epoch());
      if (auto put = applied.put(topology, certificates_, now.count()); !put) return put.error();
    }
    state_ = applied.now();
    if (!state_) return {errc::bad_config, "nothing was applied yet; name a topology file"};
    if (auto list = read_small_file(services().definitions->list_file))
      if (auto taken = services().definitions->lists.take(*list); !taken) return taken.error();
    return {};
  }

  // -- what would change

  void compare(const std::string& topology) {
    if (topology.empty()) return fail({errc::bad_config, here(), "name the topology file to compare with"});
    json request{{"verb", "definition"}, {"content", true}, {"user", text("user")}};
    comparing_ = serve_request(system(), services(), std::move(request), reply_as(here()));
  }

  /// Of what somebody is shown: another one as soon as anything in it is different.
  std::string hash_of(const json& answer) const {
    auto shown = text("topology") + '\0' + to_line(answer["difference"]);
    std::array<unsigned char, crypto_hash_sha256_BYTES> made{};
    crypto_hash_sha256(made.data(), reinterpret_cast<const unsigned char*>(shown.data()), shown.size());
    return to_hex(std::as_bytes(std::span{made}));
  }

  void finish_comparing(const std::string& line) {
    auto definitions = read_answer(line, answers::definition, here());
    if (!definitions) return fail(definitions.error());
    auto answer = difference_of(*definitions, text("topology"), certificates_, *services().self.now());
    if (answer.contains("error")) return finish(std::move(answer));
    answer["hash"] = hash_of(answer);
    if (flag("dry_run")) return finish(std::move(answer));
    if (answer["hash"] != text("hash"))
      return fail(
          {errc::superseded, here(), "it would change other things by now than were shown; look once more"});
    comparing_.reset();
    apply_now();
  }

  // -- to all

  void bring() {
    homes_before_ = services().self->directory.homes;
    if (auto put = put_in_force(text("topology")); !put) return fail(put.error());
    take_own();
    plan();
  }

  void take_own() {
    word_ = to_hex(services().definitions->give_word(services().self->network));
    auto mine = sign_for(*state_, here(), *services().definitions->id.now(), longest_definition);
    if (!mine) return note_failed(here(), mine.error());
    auto put = [this](definition_ptr next) {
      self_->send(services().supervisor, define_atom_v, std::move(next));
    };
    auto taken = services().definitions->keeper.take(*mine, here(), put);
    if (taken)
      note_applied(here(), services().definitions->lists.number());
    else
      note_failed(here(), taken.error());
  }

  void plan() {
    std::map<std::string, failure> missing;
    const auto& net = state_->compiler.net();
    for (const auto& [name, node] : net.nodes)
      if (node.role == role::server)
        missing[name] = {errc::not_authenticated, here(), "not logged in at " + name + "; see hublink login"};
    for (const auto& row : sessions_->rows) {
      if (!missing.count(row.server)) continue;
      if (row.state == session_standing::in)
        missing.erase(row.server);
      else if (row.reason)
        missing[row.server] = *row.reason;
    }
    for (const auto& [name, node] : net.nodes) {
      if (name == here()) continue;
      auto via = node.role == role::server ? name : node.home;
      if (auto why = missing.find(via); why != missing.end()) note_failed(name, why->second);
    }
    for (const auto& [name, node] : net.nodes)
      if (node.role == role::server && !missing.count(name)) plans_[name].nodes = nodes_by(name, missing);
    for (const auto& [name, plan] : plans_) waiting_.push_back(name);
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
        ask_for(server, json{{"verb", "definition"}, {"word", word_}});
      else
        push_next(server);
    }
    if (active_ == 0) report();
  }

  void push_next(const std::string& server) {
    auto& plan = plans_[server];
    while (!plan.nodes.empty()) {
      auto packed = sign_for(*state_, plan.nodes.front(), *services().definitions->id.now());
      if (packed)
        return ask_for(server, json{{"verb", "define"},
                                    {"definition", to_hex(*packed)},
                                    {"list", services().definitions->lists.current()},
                                    {"word", word_}});
      note_failed(plan.nodes.front(), packed.error());
      plan.nodes.pop_front();
    }
    plans_.erase(server);
    --active_;
    serve_waiting();
  }

  void ask_for(const std::string& server, const json& line) {
    self_->delayed_send(self_, longest_answer, caf::tick_atom_v, server, ++plans_[server].questions);
    give(*sessions_, server, line);
  }

  void take(const command_reply& reply) {
    if (comparing_) return finish_comparing(reply.line);
    auto found = plans_.find(reply.target);
    if (found == plans_.end() || (!reply.last && !reply.why)) return;
    json answer;
    auto why = reply.why;
    if (!why) {
      const json_shape shape = found->second.looking ? json_shape{answers::definition} : answers::define;
      auto read = read_answer(reply.line, shape, reply.target);
      why = read ? failure_in(*read, reply.target) : read.error();
      if (read) answer = std::move(*read);
    }
    auto& plan = found->second;
    bool looked = std::exchange(plan.looking, false);
    if (reply.why || (looked && why)) { // the session is lost, or its user may not
      for (const auto& node : std::exchange(plan.nodes, {})) note_failed(node, *why);
    } else if (looked) {
      leave_out_what_is_there(plan, answer);
    } else {
      auto node = plan.nodes.front();
      plan.nodes.pop_front();
      if (why)
        note_failed(node, *why);
      else if (!field_flag(answer, "kept"))
        note_applied(node, std::int64_t(field_number(answer, "list").value_or(0)));
    }
    push_next(reply.target);
  }

  void leave_out_what_is_there(server_plan& plan, const json& answer) {
    for (const auto& row : field_list(answer, "definitions")) {
      if (std::int64_t(field_number(row, "list").value_or(0)) < services().definitions->lists.number())
        return; // it goes with each
      std::erase_if(plan.nodes, [&](const auto& node) {
        bool own = field_text(row, "node") == node;
        const auto& has = own ? row : field_object(field_object(row, "kept"), node);
        bool has_it = field_number(has, "version").value_or(0) >= state_->version &&
                      (own || field_flag(has, "handed_on"));
        if (has_it) note_applied(node, std::int64_t(field_number(row, "list").value_or(0)));
        return has_it;
      });
    }
  }

  // -- the outcome

  struct result {
    std::optional<failure> why_not{};
    std::int64_t list = 0; ///< number of the one that the node has; 0: it does not say
  };

  void note_applied(const std::string& node, std::int64_t list) {
    rows_.insert_or_assign(node, result{.list = list});
  }
  void note_failed(const std::string& node, const failure& why) {
    auto known = rows_.find(node);
    if (known != rows_.end() && !known->second.why_not) return; // applied by its old home
    rows_.insert_or_assign(node, result{.why_not = why});
  }

  void report() {
    json answer;
    answer["applied"] = {{"version", state_->version}, {"time", to_rfc3339(std::int64_t(state_->version))}};
    answer["nodes"] = json::array();
    answer["exit"] = 0;
    answer["list"] = services().definitions->lists.number();
    for (const auto& [node, what] : rows_) {
      json row{{"node", node}, {"state", what.why_not ? "failed" : "applied"}};
      if (what.list > 0) row["list"] = what.list;
      if (const auto& why = what.why_not) {
        row["code"] = to_string(why->code);
        row["reason"] = to_string(*why);
        if (answer["exit"] == 0) answer["exit"] = exit_code(why->code);
      }
      answer["nodes"].push_back(std::move(row));
    }
    finish(answer);
  }

  certificate_map certificates_; ///< that the topology needs
  std::shared_ptr<const applied_network::state> state_;
  std::map<std::string, std::string> homes_before_; ///< client → home
  std::string word_;                                ///< of now, on what is newest; in hex
  bool only_missing_ = false;
  std::optional<user_sessions> sessions_;
  std::optional<control_actor> comparing_;
  std::map<std::string, server_plan> plans_;
  std::deque<std::string> waiting_; ///< servers
  std::size_t active_ = 0;
  std::map<std::string, result> rows_; ///< by node
};

} // namespace

control_actor spawn_apply_request(caf::actor_system& system, request_call call) {
  return spawn<apply_request>(system, std::move(call));
}

} // namespace hublink
