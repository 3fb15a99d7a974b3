#include "actors/broadcast/recaller.hpp"
#include "actors/circuit/near_side.hpp"
#include "actors/ports/ids.hpp"
#include "protocol/request/request_ends.hpp"

namespace hublink {

recaller_actor::behavior_type recaller_state::start(environment_ptr env, leg_services services) {
  env_ = std::move(env);
  services_ = std::move(services);
  far_.emplace(self_, env_, services_);
  return {
      [this](const attached& got) { far_->on_attached(got.circuit); },
      [](const progressed&) {},
      [this](const consulted& told) { take_answer(told); },
      [this](const ended& what) {
        if (far_->on_ended(what) || what.circuit != circuit_) return;
        env_->events.write(request_.transfer, closed_event(what));
        conclude(what.result);
      },
      [this](const hop_lost& lost) {
        if (far_->stands_on(lost)) env_->plane.close(circuit_, lost.why);
      },
      [this](begin_atom, const open& request) {
        request_ = request;
        request_.open_id = make_open_id(*env_);
        request_.budget_ms = std::uint32_t(env_->open_budget.count());
        auto reply = self_->make_response_promise<transfer_record>();
        reply_ = answer_to<transfer_record>{reply};
        far_->start(request_, [this](const outcome<leg::ready>& far) {
          if (far) return run(*far);
          conclude(far.error());
        });
        return reply;
      },
  };
}

void recaller_state::run(const leg::ready& far) {
  circuit_ = far.circuit;
  env_->plane.run(circuit_,
                  make_asking_end({request_.transfer, *request_.file, *request_.source, false,
                                   request_.open_id, env_->id, env_->ca, env_->wall_clock, true}),
                  nullptr);
}

void recaller_state::take_answer(const consulted& told) {
  auto said = decode_request_answer(told.question.body);
  auto state = said ? transfer_state_from_string(said->state) : std::nullopt;
  if (state && said->transfer == request_.transfer) {
    there_.emplace();
    there_->transfer = said->transfer;
    there_->state = *state;
  }
  env_->plane.resume(told.circuit, {});
}

void recaller_state::conclude(const outcome<>& result) {
  if (there_)
    reply_.deliver(std::move(*there_));
  else
    reply_.fail(result ? failure{errc::bad_message, *request_.source, "an answer that can't be read"}
                       : result.error());
  self_->quit();
}

recaller_actor spawn_recaller(caf::actor_system& system, environment_ptr env, leg_services services) {
  auto behavior = [](recaller_actor::stateful_pointer<recaller_state> self, environment_ptr env,
                     leg_services services) {
    return self->state.start(std::move(env), std::move(services));
  };
  return system.spawn(behavior, std::move(env), std::move(services));
}

} // namespace hublink
