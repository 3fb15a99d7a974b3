#include "node/requests/enrolment_poll.hpp"
#include "node/requests/answering.hpp"
#include "node/requests/definition_work.hpp"

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

using waiting_actor = control_actor::extend<caf::reacts_to<resume_atom>, caf::reacts_to<caf::tick_atom>>;

class enrolment_poll : public answering<enrolment_poll, waiting_actor> {
 public:
  static inline const char* name = "enrolment_poll";

  using answering::answering;

  behavior_type behavior() {
    return {
        [](const transfer_record&) {},
        [](const command_reply&) {},
        [this](resume_atom) { look(); },
        [this](caf::tick_atom) { report(); },
    };
  }

  void serve() {
    auto* definitions = definitions_of(*this);
    if (!definitions) return;
    desk_ = definitions->desk;
    if (!desk_) return fail({errc::bad_config, here(), here() + " is no server: nobody enrols here"});
    position_ = field_number(request(), "from").value_or(0);
    self_->delayed_send(self_, wanted_wait(), caf::tick_atom_v);
    look();
  }

 private:
  void look() {
    rows_ = desk_->after(position_);
    if (!rows_.empty()) return report();
    waker_ = desk_->when_after(position_, [weak = caf::weak_actor_ptr{self_->ctrl()}] {
      if (auto alive = weak.lock()) caf::anon_send(caf::actor_cast<waiting_actor>(alive), resume_atom_v);
    });
  }

  void report() {
    json answer{{"enrolments", json::array()}};
    for (const auto& each : rows_)
      answer["enrolments"].push_back({{"number", each.number}, {"request", to_hex(each.request)}});
    finish(std::move(answer));
  }

  enrolment_desk* desk_ = nullptr;
  std::uint64_t position_ = 0;
  std::vector<enrolment_desk::waiting> rows_;
  waker waker_;
};

} // namespace

control_actor spawn_enrolment_poll(caf::actor_system& system, request_call call) {
  return spawn<enrolment_poll>(system, std::move(call));
}

} // namespace hublink
