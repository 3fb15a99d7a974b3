#include "node/events/client_events.hpp"
#include "node/requests/answering.hpp"
#include "node/requests/event_requests.hpp"
#include "protocol/base/json_reader.hpp"

#include <array>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr std::size_t batch_bytes = 64 << 10;
constexpr auto gathering = 20ms; ///< what comes so soon after goes along

using poll_actor = control_actor::extend<caf::reacts_to<resume_atom>, caf::reacts_to<caf::tick_atom>>;

class event_poll : public answering<event_poll, poll_actor> {
 public:
  static inline const char* name = "event_poll";

  using answering::answering;

  behavior_type behavior() {
    return {
        [](const transfer_record&) {},
        [](const command_reply&) {},
        [this](resume_atom) { look(); },
        [this](caf::tick_atom) {
          waits_ = false;
          look();
        },
    };
  }

  void serve() {
    if (!services().events) return fail({errc::bad_config, here(), here() + " keeps no events"});
    bool of_clients = flag("clients");
    ring_ = of_clients ? &services().events->of_clients : &services().events->own;
    if (of_clients && !follow_clients(request().contains("from"))) return;
    wanted_.transfer = text("transfer");
    wanted_.files = limit();
    auto first = flag("oldest") ? ring_->oldest() : ring_->end();
    position_ = field_number(request(), "from").value_or(first);
    const auto wait = wanted_wait();
    waits_ = wait > 0ms;
    if (waits_) self_->delayed_send(self_, wait, caf::tick_atom_v);
    look();
  }

 private:
  /// False: the answer comes from elsewhere.
  bool follow_clients(bool still) {
    auto gatherer = services().events->client_events.lock();
    if (!gatherer) return fail({errc::bad_config, here(), here() + " has no clients"}), false;
    auto clients = caf::actor_cast<client_events_actor>(gatherer);
    if (still) return self_->send(clients, note_atom_v), true;
    auto begun = [this](const std::string& line) {
      auto answer = read_json_object(line);
      if (!answer) return fail(answer.error());
      answer->update({{"events", json::array()}, {"missed", 0}});
      finish(std::move(*answer));
    };
    ask(clients, begun, watch_atom_v);
    return false;
  }

  void look() {
    auto got = ring_->read(position_, wanted_, batch_bytes);
    position_ = got.next;
    if (waits_ && got.lines.empty() && got.missed == 0) return wait();
    std::string events;
    for (const auto& line : got.lines) events += (events.empty() ? "" : ",") + line;
    finish_with_text("{\"events\":[" + events + "],\"next\":" + std::to_string(got.next) +
                     ",\"ring\":" + std::to_string(ring_->id()) +
                     ",\"missed\":" + std::to_string(got.missed) + ",\"exit\":0}");
  }

  void wait() {
    waker_ = ring_->when_past(position_, [weak = caf::weak_actor_ptr{self_->ctrl()}] {
      if (auto alive = weak.lock())
        caf::delayed_anon_send(caf::actor_cast<poll_actor>(alive), gathering, resume_atom_v);
    });
  }

  event_ring* ring_ = nullptr;
  event_filter wanted_;
  std::uint64_t position_ = 0;
  bool waits_ = false; ///< for something to come
  waker waker_;
};

} // namespace

control_actor spawn_event_poll(caf::actor_system& system, request_call call) {
  return spawn<event_poll>(system, std::move(call));
}

std::span<const verb> event_verbs() {
  using enum request_field::kind;
  static constexpr std::array poll_fields{
      request_field{"from", number}, request_field::flag_of("oldest"), request_field::name_of("transfer"),
      request_field{"wait_ms", number}, request_field::flag_of("clients")};
  static constexpr std::array feed_fields{request_field::flag_of("follow"),
                                          request_field::name_of("transfer"), request_field::name_of("host"),
                                          request_field::name_of("user").only_by(request_way::socket)};
  static constexpr std::array rows{
      verb{.name = "events",
           .takes = {right::view, subject::listing},
           .scope = verb_scope::here,
           .serve = spawn_event_poll,
           .fields = poll_fields,
           .answer = answers::events,
           .http = {.by = http_rule::method::none}},
      verb{.name = "feed",
           .takes = operator_alone,
           .scope = verb_scope::here,
           .serve = spawn_event_feed,
           .fields = feed_fields},
  };
  return rows;
}

} // namespace hublink
