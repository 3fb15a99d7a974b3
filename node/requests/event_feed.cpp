#include "node/base/json_text.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"
#include "node/requests/event_requests.hpp"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr auto poll_time = 15'000; ///< ms that a node waits for events before it answers that there are none
/// Kept for a reader who is busy; what comes on top is left in its node's ring, and asked for again.
constexpr std::size_t most_kept = 256 << 10;
constexpr std::ptrdiff_t most_clients = 16; ///< of one server that are asked at once, one by one

using feed_actor = control_actor::extend<caf::reacts_to<caf::tick_atom>>;

class event_feed_state {
 public:
  static inline const char* name = "event_feed";

  explicit event_feed_state(feed_actor::stateful_pointer<event_feed_state> self) : self_(self) {}
  ~event_feed_state() {
    if (own_) caf::anon_send_exit(*own_, caf::exit_reason::user_shutdown);
  }

  feed_actor::behavior_type start(control_services services, const std::string& text, control_reply reply) {
    services_ = std::move(services);
    reply_ = std::move(reply);
    auto request = json::parse(text);
    follow_ = request.value("follow", json{}) == true;
    transfer_ = field_text(request, "transfer");
    host_ = field_text(request, "host");
    begin_feed();
    return {
        [](const transfer_record&) {},
        [this](const command_reply& said) { take(said); },
        [this](caf::tick_atom) {
          writing_ = false;
          flush();
          poll_idle();
        },
    };
  }

 private:
  /// What is asked; its place in the list is the tag of the question.
  struct source {
    std::string node;                        ///< this one, or a server with a session
    std::string client{};                    ///< what that one of its clients has kept
    bool clients = false;                    ///< what its clients write from now on
    std::optional<std::uint64_t> position{}; ///< to go on from, once known
    bool asked = false;
    bool over = false; ///< all that was kept is out
  };

  std::string here() const { return services_.self->node; }

  void begin_feed() {
    if (host_.empty() || host_ == here()) sources_.push_back({here()});
    if (host_ == here()) return poll_idle();
    if (services_.self->role != role::manager) {
      if (host_.empty()) return poll_idle();
      return fail(
          {errc::bad_config, here(), "the events of " + host_ + " can be seen there, or at a manager"});
    }
    auto refused = [this](const caf::error& no) { fail(to_failure(no, here())); };
    self_->request(services_.supervisor, 30s, sessions_atom_v)
        .then(
            [this, refused](const sessions_actor& sessions) {
              sessions_ = sessions;
              self_->request(sessions, 30s, sessions_atom_v)
                  .then([this](const std::vector<session_row>& rows) { begin_at(rows); }, refused);
            },
            refused);
  }

  void begin_at(const std::vector<session_row>& rows) {
    auto self = services_.self.now();
    auto home = self->directory.homes.find(host_);
    bool of_client = home != self->directory.homes.end();
    const auto& server = of_client ? home->second : host_;
    for (const auto& row : rows) {
      if (!server.empty() && row.server != server) continue;
      if (row.state == session_state::in)
        add_server(row.server);
      else
        note_missing(row.server, row.reason ? to_string(*row.reason) : "no session");
    }
    if (rows.empty()) return fail({errc::not_authenticated, here(), "not logged in; see hublink login"});
    if (sources_.empty()) {
      auto of = of_client ? server + ", the home server of " + host_ : host_;
      return fail({errc::bad_config, here(), "there is no session with " + of});
    }
    poll_idle();
  }

  void add_server(const std::string& server) {
    if (host_.empty() || host_ == server) sources_.push_back({server});
    if (host_ == server) return;
    if (follow_) return void(sources_.push_back({server, "", true}));
    for (const auto& [client, home] : services_.self.now()->directory.homes)
      if (home == server && client != here() && (host_.empty() || host_ == client))
        sources_.push_back({server, client});
  }

  /// Somebody has logged in.
  void add_new_servers() {
    auto add = [this](const std::vector<session_row>& rows) {
      for (const auto& row : rows) {
        bool known = std::any_of(sources_.begin(), sources_.end(),
                                 [&](const auto& one) { return one.node == row.server; });
        if (row.state == session_state::in && !known) add_server(row.server);
      }
      poll_idle();
    };
    self_->request(*sessions_, 30s, sessions_atom_v).then(add, [](const caf::error& no) {
      spdlog::warn("events of servers logged in to later are not followed: {}",
                   to_string(to_failure(no, "")));
    });
  }

  // -- asking the nodes

  void poll_idle() {
    for (std::size_t i = 0; i < sources_.size(); ++i)
      if (!sources_[i].asked && !sources_[i].over && kept_ < most_kept && has_turn(sources_[i])) poll(i);
  }

  bool has_turn(const source& asking) const {
    if (asking.client.empty()) return true;
    return std::count_if(sources_.begin(), sources_.end(), [&](const auto& one) {
             return one.asked && !one.client.empty() && one.node == asking.node;
           }) < most_clients;
  }

  void poll(std::size_t number) {
    auto& one = sources_[number];
    one.asked = true;
    json line{{"verb", "events"}};
    if (!sees_logins(one)) line["transfer"] = transfer_;
    if (one.clients) line["clients"] = true;
    if (!one.client.empty()) line["at"] = one.client;
    if (one.position) line["from"] = *one.position;
    if (!one.position && !follow_) line["oldest"] = true;
    if (one.position && follow_) line["wait_ms"] = poll_time;
    if (one.node != here())
      return self_->send(*sessions_, command_atom_v, one.node, line.dump(), number, reply_sink{self_});
    auto answer = [weak = caf::weak_actor_ptr{self_->ctrl()}, node = one.node, number](std::string text,
                                                                                       bool last) {
      if (auto alive = weak.lock())
        caf::anon_send(caf::actor_cast<reply_sink>(alive),
                       command_reply{node, number, std::move(text), last, {}});
    };
    own_ = spawn_event_poll(self_->system(), services_, line, std::move(answer));
  }

  /// All of a manager's own events: a login is one.
  bool sees_logins(const source& one) const { return follow_ && sessions_ && one.node == here(); }

  void take(const command_reply& said) {
    if (said.tag >= sources_.size()) return;
    auto& one = sources_[said.tag];
    one.asked = false;
    auto answer = json::parse(said.line, nullptr, false);
    auto why = said.why;
    if (!why && (!answer.is_object() || !answer.contains("next")))
      why = answer.is_object() && answer.contains("error")
                ? failure{errc::failed, field_text(answer["error"], "hop"),
                          field_text(answer["error"], "reason")}
                : failure{errc::bad_message, said.target, "an answer that can't be read"};
    if (why && one.client.empty()) return lose(said.target, *why);
    if (why)
      leave_out(one, *why);
    else if (kept_ < most_kept)
      keep(one, answer);
    introduce();
    flush();
    poll_idle();
    bool all_out = std::all_of(sources_.begin(), sources_.end(), [](const auto& each) { return each.over; });
    if (all_out) finish({{"exit", 0}});
  }

  void leave_out(source& one, const failure& why) {
    note_missing(one.client, to_string(why));
    one.position = 0;
    one.over = true;
  }

  void keep(source& one, json& answer) {
    bool first = !std::exchange(one.position, answer.value("next", std::uint64_t(0)));
    one.over = !follow_ && answer["events"].empty();
    if (first) begin_with(one, answer);
    if (auto missed = answer.value("missed", std::uint64_t(0)); missed > 0) {
      json line{
          {"node", one.client.empty() ? one.node : one.client}, {"event", "missed"}, {"missed", missed}};
      if (one.clients) line["clients"] = true;
      put(line);
    }
    bool logins = sees_logins(one);
    for (const auto& event : answer["events"]) {
      if (logins && field_text(event, "event") == "login") add_new_servers();
      bool other = (logins && !transfer_.empty() && field_text(event, "transfer") != transfer_) ||
                   (one.clients && !host_.empty() && field_text(event, "node") != host_);
      if (!other) put(event);
    }
  }

  void put(const json& event) {
    auto line = to_line(event);
    kept_ += line.size();
    lines_ += (lines_.empty() ? "" : ",") + line;
  }

  // -- to the reader

  void begin_with(const source& one, const json& answer) {
    if (!one.clients) return note_begun(one.client.empty() ? one.node : one.client);
    auto wanted = [this](const std::string& node) { return host_.empty() || host_ == node; };
    for (const auto& node : answer.value("nodes", json::array()))
      if (node.is_string() && wanted(node.get<std::string>())) note_begun(node.get<std::string>());
    for (const auto& row : answer.value("missing", json::array()))
      if (wanted(field_text(row, "node"))) note_missing(field_text(row, "node"), field_text(row, "reason"));
  }

  void note_begun(const std::string& node) {
    if (!introduced_) return nodes_.push_back(node);
    put({{"node", node}, {"event", "followed"}});
  }

  void note_missing(const std::string& node, const std::string& reason) {
    if (!introduced_) return missing_.push_back({{"node", node}, {"reason", reason}});
    put({{"node", node}, {"event", "unfollowed"}, {"reason", reason}});
  }

  /// Once all nodes have said from where on they are followed.
  void introduce() {
    bool all = std::all_of(sources_.begin(), sources_.end(), [](const auto& one) { return one.position; });
    if (!all || std::exchange(introduced_, true)) return;
    std::sort(nodes_.begin(), nodes_.end());
    json line{{"nodes", nodes_}};
    if (!missing_.empty()) line["missing"] = missing_;
    reply_(to_line(line), false);
  }

  void flush() {
    if (writing_ || lines_.empty()) return;
    writing_ = true;
    reply_("{\"events\":[" + lines_ + "]}", false);
    lines_.clear();
    kept_ = 0;
    services_.when_read([weak = caf::weak_actor_ptr{self_->ctrl()}] {
      if (auto alive = weak.lock()) caf::anon_send(caf::actor_cast<feed_actor>(alive), caf::tick_atom_v);
    });
  }

  void lose(const std::string& node, failure why) {
    why.text = "no more events from " + node + ": " + why.text;
    fail(why);
  }
  void fail(const failure& why) { finish(failed_answer(why, here())); }
  void finish(const json& line) {
    if (!lines_.empty()) reply_("{\"events\":[" + std::exchange(lines_, {}) + "]}", false);
    reply_(to_line(line), true);
    self_->quit();
  }

  feed_actor::stateful_pointer<event_feed_state> self_;
  control_services services_;
  control_reply reply_;
  bool follow_ = false;
  transfer_id transfer_;
  std::string host_;
  std::optional<sessions_actor> sessions_; ///< a manager's
  std::optional<control_actor> own_;       ///< reads this node's ring
  std::vector<source> sources_;
  std::vector<std::string> nodes_; ///< that are followed
  json missing_ = json::array();
  bool introduced_ = false;
  std::string lines_; ///< for the reader, once he has read what was written
  std::size_t kept_ = 0;
  bool writing_ = false;
};

} // namespace

control_actor spawn_event_feed(caf::actor_system& system, control_services services, const json& request,
                               control_reply reply) {
  auto behavior = [](feed_actor::stateful_pointer<event_feed_state> self, control_services services,
                     const std::string& request, control_reply reply) {
    return self->state.start(std::move(services), request, std::move(reply));
  };
  return system.spawn(behavior, std::move(services), request.dump(), std::move(reply));
}

} // namespace hublink
