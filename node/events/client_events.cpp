#include "node/events/client_events.hpp"
#include "actors/base/spawn.hpp"
#include "node/base/json_text.hpp"
#include "node/base/time_text.hpp"
#include "node/control/answer_shapes.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"

#include <algorithm>
#include <map>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr auto client_poll_time = 15'000; ///< ms that a client waits for events
constexpr auto away_pause = 5s;           ///< before one that could not be reached is asked again
constexpr auto unfollowed_after = 45s;    ///< without anybody who asks: three polls of a feed
constexpr auto least_pause = 200ms;       ///< between two answers of one that has nothing to say
constexpr std::size_t most_opening = 32;
constexpr std::size_t longest_event = 16 << 10; ///< bytes, as JSON

class client_events_state {
 public:
  static inline const char* name = "client_events";

  explicit client_events_state(client_events_actor::stateful_pointer<client_events_state> self)
      : self_(self) {}
  // The node ends: nobody waits for a proper end, or the node would.
  ~client_events_state() {
    if (!askers_.empty()) answer();
    for (auto& [name, client] : clients_)
      for (auto* session : {&client.session, &client.opening})
        if (*session) caf::anon_send_exit(**session, caf::exit_reason::user_shutdown);
  }

  client_events_actor::behavior_type start(live_definition known, supervisor_actor supervisor,
                                           event_ring& into) {
    definition_ = std::move(known);
    supervisor_ = std::move(supervisor);
    ring_ = &into;
    return {
        [this](watch_atom) -> caf::result<std::string> {
          auto reply = self_->make_response_promise<std::string>();
          askers_.push_back(reply);
          // Who begins now wants nothing that was before; who stalled meanwhile is told how much that was.
          for (auto& [name, client] : clients_) client.skip = client.skip || !followed_;
          follow();
          answer_if_settled();
          return reply;
        },
        [this](note_atom) { follow(); },
        [this](caf::tick_atom) { tick(); },
        [this](const command_reply& reply) { take(reply); },
        [this](resume_atom, const std::string& name) {
          auto found = clients_.find(name);
          if (found != clients_.end() && found->second.session) ask(found->second);
        },
    };
  }

 private:
  struct followed_client {
    std::optional<session_actor> session;
    std::optional<std::uint64_t> position; ///< in its own ring, once known
    std::uint64_t ring = 0;                ///< which one that is
    std::optional<session_actor> opening;
    bool settled = false, asked = false; ///< asked: for a session
    bool back = false;                   ///< asked for the first time after it could not be
    bool skip = false;                   ///< what it wrote while nobody followed
    std::optional<failure> away;         ///< it can't be reached
  };

  void follow() {
    last_followed_ = self_->clock().now();
    if (std::exchange(followed_, true)) return;
    open_missing();
    self_->delayed_send(self_, away_pause, caf::tick_atom_v);
  }

  void tick() {
    if (self_->clock().now() - last_followed_ > unfollowed_after) {
      followed_ = false;
      end_sessions(); // the positions stay: who stalled is told how many he missed
    } else {
      self_->delayed_send(self_, away_pause, caf::tick_atom_v);
      open_missing();
    }
    if (!askers_.empty()) answer();
  }

  void end_sessions() {
    for (auto& [name, client] : clients_)
      if (client.session) caf::anon_send(*std::exchange(client.session, {}), logout_atom_v);
  }

  void open_missing() {
    auto self = definition_.now();
    for (const auto& known : self->clients)
      if (known.role == role::client) clients_[known.name];
    std::erase_if(clients_, [&](const auto& entry) {
      return !entry.second.session && !entry.second.asked && !self->find_client(entry.first);
    });
    for (auto& [name, client] : clients_)
      if (!client.session && !client.asked && opening_ < most_opening) open(name, client);
  }

  void open(const std::string& name, followed_client& client) {
    client.asked = true;
    ++opening_;
    auto refused = [this, name](const caf::error& no) {
      opened(name, {});
      lose(name, to_failure(no, definition_->node));
    };
    self_->request(supervisor_, caf::infinite, sessions_atom_v, name)
        .then(
            [this, name, refused](const session_actor& session) {
              clients_[name].opening = session;
              self_->request(session, caf::infinite, login_atom_v, login_order{})
                  .then([this, name, session] { opened(name, session); }, refused);
            },
            refused);
  }

  void opened(const std::string& name, std::optional<session_actor> session) {
    --opening_;
    auto& client = clients_[name];
    client.asked = false;
    client.opening.reset();
    if (session && !followed_) return self_->send(*session, logout_atom_v);
    client.session = std::move(session);
    client.back = true;
    if (client.session) ask(client);
  }

  void ask(const followed_client& client) {
    json line{{"verb", "events"}};
    if (client.position && !client.skip) line["from"] = *client.position;
    if (client.position && !client.back) line["wait_ms"] = client_poll_time;
    self_->send(*client.session, command_atom_v, to_line(line), std::uint64_t(0), reply_sink{self_});
  }

  void ask_later(const std::string& client) {
    self_->delayed_send(self_, least_pause, resume_atom_v, client);
  }

  void take(const command_reply& reply) {
    auto found = clients_.find(reply.target);
    if (found == clients_.end() || !found->second.session) return;
    if (reply.why) return lose(reply.target, *reply.why);
    if (!reply.last) return;
    auto read = read_answer(reply.line, answers::events, reply.target);
    if (!read) return lose(reply.target, read.error());
    const auto& answer = *read;
    if (auto why = failure_in(answer, reply.target)) return lose(reply.target, *why);
    auto next = field_number(answer, "next");
    if (!next) return lose(reply.target, {errc::bad_message, reply.target, "no position to go on from"});
    auto& client = found->second;
    auto before = std::exchange(client.position, next);
    auto ring = field_number(answer, "ring").value_or(0);
    bool restarted = std::exchange(client.ring, ring) != ring && before;
    bool skipped = std::exchange(client.skip, false) && before;
    client.back = false;
    if (std::exchange(client.away, {})) note(reply.target, {{"event", "followed"}});
    auto missed = field_number(answer, "missed").value_or(0);
    auto unread = restarted || !before ? 0 : *before;
    if (skipped && *next > unread) missed = *next - unread;
    if (restarted && !skipped) { // all that it wrote since is new
      client.position = 0;
      return ask_later(reply.target);
    }
    if (missed > 0) note(reply.target, {{"event", "missed"}, {"missed", missed}});
    const auto& events = field_list(answer, "events");
    for (const auto& event : events) keep(reply.target, event);
    settle(client);
    // One that has nothing and does not wait until it has, as it was told to, is asked no faster than this.
    if (before && events.empty() && !restarted)
      ask_later(reply.target);
    else
      ask(client);
  }

  /// A client speaks for itself alone.
  void keep(const std::string& client, json event) {
    event["node"] = client;
    auto line = to_line(event);
    if (line.size() > longest_event) return note(client, {{"event", "missed"}, {"missed", 1}});
    auto file = field_text(event, "file");
    ring_->put(std::move(line), field_text(event, "transfer"),
               file.empty() ? std::nullopt : std::optional{file});
  }

  void note(const std::string& client, const json& what) {
    json event{{"time", to_rfc3339(std::chrono::system_clock::now())}, {"node", client}};
    event.update(what);
    ring_->put(to_line(event), {}, {});
  }

  void lose(const std::string& name, const failure& why) {
    auto& client = clients_[name];
    if (client.session) self_->send(*std::exchange(client.session, {}), logout_atom_v);
    if (!std::exchange(client.away, why) && client.settled)
      note(name, {{"event", "unfollowed"}, {"reason", to_string(why)}});
    settle(client);
  }

  // -- those who begin

  void settle(followed_client& client) {
    client.settled = true;
    if (opening_ < most_opening) open_waiting();
    answer_if_settled();
  }

  void open_waiting() {
    for (auto& [name, client] : clients_)
      if (followed_ && !client.settled && !client.session && !client.asked && opening_ < most_opening)
        open(name, client);
  }

  void answer_if_settled() {
    if (askers_.empty()) return;
    if (std::all_of(clients_.begin(), clients_.end(),
                    [](const auto& client) { return client.second.settled; }))
      answer();
  }

  void answer() {
    json line{{"next", ring_->end()}, {"nodes", json::array()}, {"missing", json::array()}};
    for (const auto& [name, client] : clients_) {
      if (client.session && client.position)
        line["nodes"].push_back(name);
      else
        line["missing"].push_back(
            {{"node", name}, {"reason", client.away ? to_string(*client.away) : "it has not answered yet"}});
    }
    for (auto& asker : std::exchange(askers_, {})) asker.deliver(to_line(line));
  }

  client_events_actor::stateful_pointer<client_events_state> self_;
  live_definition definition_;
  supervisor_actor supervisor_;
  event_ring* ring_ = nullptr;
  std::map<std::string, followed_client> clients_;
  std::vector<caf::typed_response_promise<std::string>> askers_;
  caf::actor_clock::time_point last_followed_;
  bool followed_ = false;
  std::size_t opening_ = 0;
};

} // namespace

client_events_actor spawn_client_events(caf::actor_system& system, live_definition self,
                                        supervisor_actor supervisor, event_ring& into) {
  auto behavior = [](client_events_actor::stateful_pointer<client_events_state> self, live_definition known,
                     supervisor_actor supervisor, event_ring* into) {
    note_if_it_falls(self);
    return self->state.start(std::move(known), std::move(supervisor), *into);
  };
  return system.spawn(behavior, std::move(self), std::move(supervisor), &into);
}

} // namespace hublink
