#include "actors/circuit/load_point.hpp"
#include "actors/base/spawn.hpp"
#include "actors/circuit/load_origin.hpp"
#include "protocol/circuit/load_ends.hpp"

namespace hublink {

namespace {

/// For all that a line needs besides its load: to be made, and to drain.
constexpr std::chrono::milliseconds load_spare{45'000};

} // namespace

load_point_actor::behavior_type load_point_state::start(environment_ptr env, hop_services services) {
  env_ = std::move(env);
  services_ = std::move(services);
  return {
      [this](const attached& got) {
        env_->plane.run(got.circuit, make_load_taking_end(env_->self->node), nullptr);
      },
      [](const progressed&) {},
      [this](const consulted& asked) { consult(asked); },
      [this](const ended& what) {
        env_->events.write(arrived_.request.transfer, closed_event(what, mark_of(arrived_.request)));
        slot_->give_back(self_->clock().now());
        self_->quit();
      },
      [this](const hop_lost& lost) { env_->plane.close(circuit_, lost.why); },
      [this](const arrived_open& arrived) { return accept(arrived); },
      [this](const abandon& what) { env_->plane.close(circuit_, what.why); },
      [this](caf::tick_atom) {
        if (self_->clock().now() >= until_)
          env_->plane.close(circuit_, {errc::timed_out, env_->self->node, load_slot::too_long});
      },
  };
}

caf::result<opened> load_point_state::accept(const arrived_open& arrived) {
  auto slot = env_->loads->take(env_->self->node, arrived.request.share.has_value(), self_->clock().now());
  if (!slot) {
    self_->quit();
    return to_error(slot.error());
  }
  slot_ = *slot;
  arrived_ = arrived;
  circuit_ = env_->plane.make_circuit(weak_owner<circuit_owner>{self_});
  end_within(most_load + load_spare);
  opened yes;
  yes.data_token = admit_near_side(*env_, circuit_, arrived);
  return yes;
}

void load_point_state::consult(const consulted& asked) {
  const auto* wanted = std::get_if<question::load_onward>(&asked.question);
  if (!wanted) return refuse_question(*env_, asked);
  if (arrived_.plan.ends_here()) return answer(asked.circuit, decision::lines{});
  go_on(asked.circuit, wanted->time);
}

void load_point_state::go_on(circuit_id circuit, std::chrono::milliseconds time) {
  end_within(load_slot::longest_way);
  auto onward = spawn<load_origin_state>(self_->system(), env_, *services_, true);
  load_order order{.host = {}, .time = time, .goes_on = arrived_};
  self_->request(onward, caf::infinite, std::move(order))
      .then([this, circuit](const load_report& report) { answer(circuit, decision::lines{report.rates}); },
            [this, circuit](const caf::error& no) {
              answer(circuit, decision::refuse{to_failure(no, env_->self->node)});
            });
}

// No line is loaded any more; who hears of the result may ask for the next one.
void load_point_state::answer(circuit_id circuit, verdict what) {
  slot_->give_back(self_->clock().now());
  env_->plane.resume(circuit, std::move(what));
}

void load_point_state::end_within(std::chrono::milliseconds time) {
  until_ = self_->clock().now() + time;
  self_->delayed_send(self_, time, caf::tick_atom_v);
}

} // namespace hublink
