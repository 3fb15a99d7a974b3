#include "node/base/json_text.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"
#include "node/events/client_events.hpp"
#include "node/requests/event_requests.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr std::size_t batch_bytes = 64 << 10;
constexpr auto longest_poll = 30s;
constexpr auto gathering = 20ms; ///< what comes so soon after goes along

using poll_actor = control_actor::extend<caf::reacts_to<begin_atom>, caf::reacts_to<caf::tick_atom>>;

class event_poll_state {
 public:
  static inline const char* name = "event_poll";

  explicit event_poll_state(poll_actor::stateful_pointer<event_poll_state> self) : self_(self) {}

  poll_actor::behavior_type start(const control_services& services, const std::string& text,
                                  control_reply reply) {
    services_ = services;
    reply_ = std::move(reply);
    begin(json::parse(text));
    return {
        [](const transfer_record&) {},
        [](const command_reply&) {},
        [this](begin_atom) { look(); },
        [this](caf::tick_atom) {
          waits_ = false;
          look();
        },
    };
  }

 private:
  void begin(const json& request) {
    bool of_clients = request.value("clients", json{}) == true;
    ring_ = of_clients ? &services_.events->of_clients : &services_.events->own;
    if (of_clients && !follow_clients(request.contains("from"))) return;
    wanted_.transfer = field_text(request, "transfer");
    if (services_.user) wanted_.files = services_.user->files;
    for (const auto& file : request.value("only_files", json::array()))
      if (file.is_string()) wanted_.files.insert(file.get<std::string>());
    auto number = [&](const char* key) -> std::optional<std::uint64_t> {
      auto found = request.find(key);
      if (found == request.end() || !found->is_number_unsigned()) return {};
      return found->get<std::uint64_t>();
    };
    auto start = request.value("oldest", json{}) == true ? ring_->oldest() : ring_->end();
    position_ = number("from").value_or(start);
    std::chrono::milliseconds wait{std::min<std::uint64_t>(number("wait_ms").value_or(0),
                                                           std::chrono::milliseconds{longest_poll}.count())};
    waits_ = wait > 0ms;
    if (waits_) self_->delayed_send(self_, wait, caf::tick_atom_v);
    look();
  }

  /// False: the answer comes from elsewhere.
  bool follow_clients(bool still) {
    auto gatherer = services_.events->client_events.lock();
    auto here = services_.self->node;
    auto fail = [this, here](const failure& why) { finish(to_line(failed_answer(why, here))); };
    if (!gatherer) return fail({errc::bad_config, here, here + " has no clients"}), false;
    auto clients = caf::actor_cast<client_events_actor>(gatherer);
    if (still) return self_->send(clients, note_atom_v), true;
    self_->request(clients, longest_poll, begin_atom_v)
        .then(
            [this](const std::string& begun) {
              auto answer = json::parse(begun);
              answer.update({{"events", json::array()}, {"missed", 0}, {"exit", 0}});
              finish(to_line(answer));
            },
            [fail, here](const caf::error& no) { fail(to_failure(no, here)); });
    return false;
  }

  void look() {
    auto got = ring_->read(position_, wanted_, batch_bytes);
    position_ = got.next;
    if (waits_ && got.lines.empty() && got.missed == 0) return wait();
    std::string events;
    for (const auto& line : got.lines) events += (events.empty() ? "" : ",") + line;
    finish("{\"events\":[" + events + "],\"next\":" + std::to_string(got.next) + ",\"ring\":" +
           std::to_string(ring_->id()) + ",\"missed\":" + std::to_string(got.missed) + ",\"exit\":0}");
  }

  void finish(std::string line) {
    reply_(std::move(line), true);
    self_->quit();
  }

  void wait() {
    waiter_ = ring_->when_past(position_, [weak = caf::weak_actor_ptr{self_->ctrl()}] {
      if (auto alive = weak.lock())
        caf::delayed_anon_send(caf::actor_cast<poll_actor>(alive), gathering, begin_atom_v);
    });
  }

  poll_actor::stateful_pointer<event_poll_state> self_;
  control_services services_;
  event_ring* ring_ = nullptr;
  control_reply reply_;
  event_filter wanted_;
  std::uint64_t position_ = 0;
  bool waits_ = false; ///< for something to come
  event_ring::waiter waiter_;
};

} // namespace

control_actor spawn_event_poll(caf::actor_system& system, control_services services, const json& request,
                               control_reply reply) {
  auto behavior = [](poll_actor::stateful_pointer<event_poll_state> self, const control_services& services,
                     const std::string& request,
                     control_reply reply) { return self->state.start(services, request, std::move(reply)); };
  return system.spawn(behavior, std::move(services), request.dump(), std::move(reply));
}

} // namespace hublink
