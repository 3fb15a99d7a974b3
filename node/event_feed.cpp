#include "node/event_requests.hpp"
#include "node/record_json.hpp"
#include "node/request_json.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr auto poll_time = 15'000; ///< ms that a node waits for events before it answers that there are none
/// Kept for a reader who is busy; what comes on top is left in its node's ring, and asked for again.
constexpr std::size_t most_kept = 256 << 10;

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
    begin(field_text(request, "host"));
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
  struct source {
    std::optional<std::uint64_t> position; ///< to go on from, once known
    bool asked = false;
    bool over = false; ///< all that was kept is out
  };

  std::string here() const { return services_.self->node; }

  void begin(const std::string& host) {
    if (host.empty() || host == here()) sources_[here()];
    if (host == here()) return poll_idle();
    if (services_.self->role != role::manager) {
      if (host.empty()) return poll_idle();
      return fail(
          {errc::bad_config, here(), "the events of " + host + " can be seen there, or at a manager"});
    }
    auto refused = [this](const caf::error& no) { fail(to_failure(no, here())); };
    self_->request(services_.supervisor, 30s, sessions_atom_v)
        .then(
            [this, host, refused](const sessions_actor& sessions) {
              sessions_ = sessions;
              self_->request(sessions, 30s, sessions_atom_v)
                  .then([this, host](const std::vector<session_row>& rows) { begin_at(rows, host); },
                        refused);
            },
            refused);
  }

  void begin_at(const std::vector<session_row>& rows, const std::string& host) {
    for (const auto& row : rows) {
      if (!host.empty() && row.server != host) continue;
      if (row.state == session_state::in) {
        sources_[row.server];
        continue;
      }
      missing_.push_back({{"node", row.server}});
      if (row.reason) missing_.back()["reason"] = to_string(*row.reason);
    }
    if (rows.empty()) return fail({errc::not_authenticated, here(), "not logged in; see hublink login"});
    if (sources_.empty())
      return fail(
          {errc::bad_config, here(),
           "there is no session with " + host + "; events are those of servers, and of this manager"});
    poll_idle();
  }

  // -- asking the nodes

  void poll_idle() {
    for (auto& [node, one] : sources_)
      if (!one.asked && !one.over && kept_ < most_kept) poll(node, one);
  }

  void poll(const std::string& node, source& one) {
    one.asked = true;
    json line{{"verb", "events"}, {"transfer", transfer_}};
    if (one.position) line["from"] = *one.position;
    if (!one.position && !follow_) line["oldest"] = true;
    if (one.position && follow_) line["wait_ms"] = poll_time;
    if (node != here())
      return self_->send(*sessions_, command_atom_v, node, line.dump(), std::uint64_t(0), reply_sink{self_});
    auto answer = [weak = caf::weak_actor_ptr{self_->ctrl()}, node](std::string text, bool last) {
      if (auto alive = weak.lock())
        caf::anon_send(caf::actor_cast<reply_sink>(alive), command_reply{node, 0, std::move(text), last, {}});
    };
    own_ = spawn_event_poll(self_->system(), services_, line, std::move(answer));
  }

  void take(const command_reply& said) {
    auto& one = sources_[said.target];
    one.asked = false;
    if (said.why) return lose(said.target, *said.why);
    auto answer = json::parse(said.line, nullptr, false);
    if (!answer.is_object() || !answer.contains("next"))
      return lose(said.target, {errc::bad_message, said.target, "an answer that can't be read"});
    bool first = !one.position;
    if (kept_ < most_kept) {
      one.position = answer.value("next", std::uint64_t(0));
      one.over = !follow_ && answer["events"].empty();
      keep(said.target, answer);
    }
    if (first) introduce();
    flush();
    poll_idle();
    bool all_out =
        std::all_of(sources_.begin(), sources_.end(), [](const auto& one) { return one.second.over; });
    if (all_out) finish({{"exit", 0}});
  }

  void keep(const std::string& node, json& answer) {
    if (auto missed = answer.value("missed", std::uint64_t(0)); missed > 0)
      put(json{{"node", node}, {"event", "missed"}, {"missed", missed}}.dump());
    for (const auto& event : answer["events"])
      put(event.dump(-1, ' ', false, json::error_handler_t::replace));
  }

  void put(const std::string& line) {
    kept_ += line.size();
    lines_ += (lines_.empty() ? "" : ",") + line;
  }

  // -- to the reader

  /// Once all nodes have said from where on they are followed.
  void introduce() {
    json nodes = json::array();
    for (const auto& [node, one] : sources_) {
      if (!one.position) return;
      nodes.push_back(node);
    }
    json line{{"nodes", std::move(nodes)}};
    if (!missing_.empty()) line["missing"] = missing_;
    reply_(line.dump(), false);
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
  void fail(const failure& why) { finish({{"error", to_json(why)}, {"exit", exit_code(why.code)}}); }
  void finish(const json& line) {
    if (!lines_.empty()) reply_("{\"events\":[" + std::exchange(lines_, {}) + "]}", false);
    reply_(line.dump(-1, ' ', false, json::error_handler_t::replace), true);
    self_->quit();
  }

  feed_actor::stateful_pointer<event_feed_state> self_;
  control_services services_;
  control_reply reply_;
  bool follow_ = false;
  transfer_id transfer_;
  std::optional<sessions_actor> sessions_; ///< a manager's
  std::optional<control_actor> own_;       ///< reads this node's ring
  std::map<std::string, source> sources_;  ///< by node
  json missing_ = json::array();
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
