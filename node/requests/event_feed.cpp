#include "node/requests/answering.hpp"
#include "node/requests/event_requests.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr auto poll_time = 15'000; ///< ms that a node waits for events before it answers that there are none
/// Kept for a reader who is busy; what comes on top is left in its node's ring, and asked for again.
constexpr std::size_t most_kept = 256 << 10;
constexpr std::ptrdiff_t most_clients = 16; ///< of one server that are asked at once, one by one

constexpr auto least_wait = 1s;     ///< of a node that was told to wait 15 s
constexpr auto least_pause = 200ms; ///< else, between two answers

using feed_actor =
    control_actor::extend<caf::reacts_to<caf::tick_atom>, caf::reacts_to<resume_atom, std::uint64_t>>;

class event_feed : public answering<event_feed, feed_actor> {
 public:
  static inline const char* name = "event_feed";

  using answering::answering;
  ~event_feed() {
    if (own_) caf::anon_send_exit(*own_, caf::exit_reason::user_shutdown);
  }

  behavior_type behavior() {
    return {
        [](const transfer_record&) {},
        [this](const command_reply& reply) { take(reply); },
        [this](caf::tick_atom) {
          writing_ = false;
          flush();
          poll_idle();
        },
        [this](resume_atom, std::uint64_t source) {
          sources_[source].is_asked = false;
          poll_idle();
        },
    };
  }

  void serve() {
    if (!services().events || !services().when_read)
      return fail({errc::bad_config, here(), "a feed goes to who asks at the control socket"});
    follow_ = flag("follow");
    transfer_ = text("transfer");
    host_ = text("host");
    begin_feed();
  }

  void finish(json line) {
    if (!lines_.empty()) show_text("{\"events\":[" + std::exchange(lines_, {}) + "]}");
    answering::finish(std::move(line));
  }

 private:
  /// What is asked; its place in the list is the tag of the question.
  struct source {
    std::string node;                        ///< this one, or a server with a session
    std::string client{};                    ///< what that one of its clients has kept
    bool clients = false;                    ///< what its clients write from now on
    std::optional<std::uint64_t> position{}; ///< to go on from, once known
    bool is_asked = false;
    std::optional<caf::actor_clock::time_point> waits_since{}; ///< asked to answer when there is something
    bool over = false;                                         ///< all that was kept is out
  };

  void begin_feed() {
    if (host_.empty() || host_ == here()) sources_.push_back({here()});
    if (host_ == here()) return poll_idle();
    if (services().self->role != role::manager) {
      if (host_.empty()) return poll_idle();
      return fail(
          {errc::bad_config, here(), "the events of " + host_ + " can be seen there, or at a manager"});
    }
    ask_sessions([this](user_sessions mine) {
      sessions_ = std::move(mine);
      begin_at_servers();
    });
  }

  void begin_at_servers() {
    auto self = services().self.now();
    auto home = self->directory.homes.find(host_);
    bool of_client = home != self->directory.homes.end();
    const auto& server = of_client ? home->second : host_;
    for (const auto& row : sessions_->rows) {
      if (!server.empty() && row.server != server) continue;
      if (row.state == session_standing::in)
        add_server(row.server);
      else
        note_missing(row.server, row.reason ? to_string(*row.reason) : "no session");
    }
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
    for (const auto& [client, home] : services().self.now()->directory.homes)
      if (home == server && client != here() && (host_.empty() || host_ == client))
        sources_.push_back({server, client});
  }

  /// The user may have logged in again.
  void add_new_servers() {
    auto add = [this](const std::vector<session_row>& rows) {
      for (const auto& row : rows_of(rows, sessions_->user)) {
        bool known = std::any_of(sources_.begin(), sources_.end(),
                                 [&](const auto& each) { return each.node == row.server; });
        if (row.state == session_standing::in && !known) add_server(row.server);
      }
      poll_idle();
    };
    self_->request(sessions_->actor, 30s, sessions_atom_v).then(add, [](const caf::error& no) {
      spdlog::warn("events of servers logged in to later are not followed: {}",
                   to_string(to_failure(no, "")));
    });
  }

  // -- asking the nodes

  void poll_idle() {
    for (std::size_t i = 0; i < sources_.size(); ++i)
      if (!sources_[i].is_asked && !sources_[i].over && kept_ < most_kept && has_turn(sources_[i])) poll(i);
  }

  bool has_turn(const source& asking) const {
    if (asking.client.empty()) return true;
    return std::count_if(sources_.begin(), sources_.end(), [&](const source& each) {
             return each.is_asked && !each.client.empty() && each.node == asking.node;
           }) < most_clients;
  }

  void poll(std::size_t number) {
    auto& from = sources_[number];
    from.is_asked = true;
    json line{{"verb", "events"}};
    if (!sees_logins(from)) line["transfer"] = transfer_;
    if (from.clients) line["clients"] = true;
    if (!from.client.empty()) line["at"] = from.client;
    if (from.position) line["from"] = *from.position;
    if (!from.position && !follow_) line["oldest"] = true;
    if (from.position && follow_) line["wait_ms"] = poll_time;
    from.waits_since.reset();
    if (from.position && follow_) from.waits_since = self_->clock().now();
    if (from.node != here()) return give(*sessions_, from.node, line, number);
    own_ = spawn_event_poll(
        system(), {services(), std::make_shared<const json>(std::move(line)), reply_as(from.node, number)});
  }

  /// All of a manager's own events: a login is one.
  bool sees_logins(const source& from) const { return follow_ && sessions_ && from.node == here(); }

  static std::optional<failure> why_not(const command_reply& reply, const outcome<json>& answer) {
    if (reply.why) return reply.why;
    if (!answer) return answer.error();
    if (answer->contains("next")) return {};
    auto why = failure_in(*answer, reply.target);
    if (!why) return failure{errc::bad_message, reply.target, "an answer without a position to go on from"};
    why->code = errc::failed; // the feed failed, whatever it was there
    return why;
  }

  void take(const command_reply& reply) {
    if (reply.tag >= sources_.size()) return;
    auto& from = sources_[reply.tag];
    from.is_asked = false;
    auto answer =
        reply.why ? outcome<json>{*reply.why} : read_answer(reply.line, answers::events, reply.target);
    auto why = why_not(reply, answer);
    if (why && from.client.empty()) return lose(reply.target, *why);
    if (why)
      leave_out(from, *why);
    else if (kept_ < most_kept)
      keep(from, *answer);
    // A node that does not wait until it has something, as it was told to, is asked no faster than this.
    bool hasty = from.waits_since && self_->clock().now() - *from.waits_since < least_wait;
    if (!why && hasty && field_list(*answer, "events").empty()) {
      from.is_asked = true;
      self_->delayed_send(self_, least_pause, resume_atom_v, reply.tag);
    }
    introduce();
    flush();
    poll_idle();
    bool all_out =
        std::all_of(sources_.begin(), sources_.end(), [](const source& each) { return each.over; });
    if (all_out) finish({{"exit", 0}});
  }

  void leave_out(source& from, const failure& why) {
    note_missing(from.client, to_string(why));
    from.position = 0;
    from.over = true;
  }

  void keep(source& from, const json& answer) {
    const auto& events = field_list(answer, "events");
    auto before = std::exchange(from.position, field_number(answer, "next"));
    bool first = !before;
    from.over = !follow_ && (events.empty() || before == from.position);
    if (first) begin_with(from, answer);
    if (auto missed = field_number(answer, "missed").value_or(0); missed > 0) {
      json line{
          {"node", from.client.empty() ? from.node : from.client}, {"event", "missed"}, {"missed", missed}};
      if (from.clients) line["clients"] = true;
      put(line);
    }
    bool logins = sees_logins(from);
    for (const auto& event : events) {
      if (logins && field_text(event, "event") == "login") add_new_servers();
      bool other = (logins && !transfer_.empty() && field_text(event, "transfer") != transfer_) ||
                   (from.clients && !host_.empty() && field_text(event, "node") != host_);
      if (!other) put(event);
    }
  }

  void put(const json& event) {
    auto line = to_line(event);
    kept_ += line.size();
    lines_ += (lines_.empty() ? "" : ",") + line;
  }

  // -- to the reader

  void begin_with(const source& from, const json& answer) {
    if (!from.clients) return note_begun(from.client.empty() ? from.node : from.client);
    auto wanted = [this](const std::string& node) { return host_.empty() || host_ == node; };
    for (const auto& node : field_list(answer, "nodes"))
      if (wanted(text_of(node))) note_begun(text_of(node));
    for (const auto& row : field_list(answer, "missing"))
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
    bool all = std::all_of(sources_.begin(), sources_.end(),
                           [](const source& each) { return each.position.has_value(); });
    if (!all || std::exchange(introduced_, true)) return;
    std::sort(nodes_.begin(), nodes_.end());
    json line{{"nodes", nodes_}};
    if (!missing_.empty()) line["missing"] = missing_;
    show(line);
  }

  void flush() {
    if (writing_ || lines_.empty()) return;
    writing_ = true;
    show_text("{\"events\":[" + lines_ + "]}");
    lines_.clear();
    kept_ = 0;
    services().when_read([weak = caf::weak_actor_ptr{self_->ctrl()}] {
      if (auto alive = weak.lock()) caf::anon_send(caf::actor_cast<feed_actor>(alive), caf::tick_atom_v);
    });
  }

  void lose(const std::string& node, failure why) {
    why.text = "no more events from " + node + ": " + why.text;
    fail(why);
  }

  bool follow_ = false;
  transfer_id transfer_;
  std::string host_;
  std::optional<user_sessions> sessions_; ///< a manager's
  std::optional<control_actor> own_;      ///< reads this node's ring
  std::vector<source> sources_;
  std::vector<std::string> nodes_; ///< that are followed
  json missing_ = json::array();
  bool introduced_ = false;
  std::string lines_; ///< for the reader, once he has read what was written
  std::size_t kept_ = 0;
  bool writing_ = false;
};

} // namespace

control_actor spawn_event_feed(caf::actor_system& system, request_call call) {
  return spawn<event_feed>(system, std::move(call));
}

} // namespace hublink
