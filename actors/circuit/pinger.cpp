#include "actors/circuit/pinger.hpp"
#include "actors/circuit/near_side.hpp"
#include "actors/ports/ids.hpp"

namespace hublink {

ping_actor::behavior_type pinger_state::start(environment_ptr env, leg_services services) {
  env_ = std::move(env);
  far_.emplace(self_, env_, std::move(services));
  return {
      [this](const attached& got) { far_->on_attached(got.circuit); },
      [](const progressed&) {},
      [](const consulted&) {},
      [this](const ended& what) {
        if (!far_->on_ended(what) && what.circuit == circuit_) conclude(what);
      },
      [this](const hop_lost& lost) {
        if (far_->stands_on(lost)) env_->plane.close(circuit_, lost.why);
      },
      [this](ping_host_atom, const std::string& host) {
        auto reply = self_->make_response_promise<ping_report>();
        reply_ = answer_to<ping_report>{reply};
        ask(host);
        return reply;
      },
  };
}

void pinger_state::ask(const std::string& host) {
  report_.host = host;
  id_ = make_transfer_id(*env_);
  auto request = make_open(*env_, circuit_kind::ping, id_);
  request.destination = {host};
  auto began = self_->clock().now();
  far_->start(request, [this, began](const outcome<leg::ready>& far) {
    if (!far) {
      reply_.fail(far.error());
      return self_->quit();
    }
    auto took = std::chrono::duration_cast<std::chrono::microseconds>(self_->clock().now() - began);
    report_.micros = std::uint32_t(took.count());
    report_.path = far->answer.path;
    circuit_ = far->circuit;
    env_->plane.run(circuit_, make_ping_end(), nullptr);
  });
}

void pinger_state::conclude(const ended& what) {
  env_->events.write(id_, closed_event(what));
  if (what.result)
    reply_.deliver(std::move(report_));
  else
    reply_.fail(what.result.error());
  self_->quit();
}

ping_actor spawn_pinger(caf::actor_system& system, environment_ptr env, leg_services services) {
  auto behavior = [](ping_actor::stateful_pointer<pinger_state> self, environment_ptr env,
                     leg_services services) {
    return self->state.start(std::move(env), std::move(services));
  };
  return system.spawn(behavior, std::move(env), std::move(services));
}

// -- the end point
// ------------------------------------------------------------------------------------------------

namespace {

class ping_end_state {
 public:
  static inline const char* name = "ping_end";

  explicit ping_end_state(circuit_actor::stateful_pointer<ping_end_state> self) : self_(self) {}

  circuit_actor::behavior_type start(environment_ptr env) {
    env_ = std::move(env);
    return {
        [this](const attached& got) { env_->plane.run(got.circuit, make_ping_end(), nullptr); },
        [](const progressed&) {},
        [](const consulted&) {},
        [this](const ended& what) {
          env_->events.write(id_, closed_event(what));
          self_->quit();
        },
        [this](const hop_lost& lost) { env_->plane.close(circuit_, lost.why); },
        [this](const open& told) {
          id_ = told.transfer;
          auto asked = self_->clock().now();
          circuit_ = env_->plane.make_circuit(weak_owner<circuit_owner>{self_});
          opened yes;
          yes.data_token = admit_near_side(*env_, circuit_, told, env_->self->home_address);
          auto took = std::chrono::duration_cast<std::chrono::microseconds>(self_->clock().now() - asked);
          yes.path = {{env_->self->node, std::uint32_t(took.count())}};
          return yes;
        },
        [this](const abandon& what) { env_->plane.close(circuit_, what.why); },
    };
  }

 private:
  circuit_actor::stateful_pointer<ping_end_state> self_;
  environment_ptr env_;
  transfer_id id_;
  circuit_id circuit_ = 0;
};

} // namespace

circuit_actor spawn_ping_end(caf::actor_system& system, environment_ptr env) {
  auto behavior = [](circuit_actor::stateful_pointer<ping_end_state> self, environment_ptr env) {
    return self->state.start(std::move(env));
  };
  return system.spawn(behavior, std::move(env));
}

} // namespace hublink
