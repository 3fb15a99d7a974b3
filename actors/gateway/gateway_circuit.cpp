#include "actors/gateway/gateway_circuit.hpp"
#include "actors/base/answer_promise.hpp"
#include "actors/circuit/near_side.hpp"
#include "actors/ports/ids.hpp"

namespace hublink {

namespace {

class gateway_dialler_state {
 public:
  static inline const char* name = "gateway_dialler";
  using pointer = gateway_circuit_actor::stateful_pointer<gateway_dialler_state>;

  explicit gateway_dialler_state(pointer self) : self_(self) {}

  gateway_circuit_actor::behavior_type start(environment_ptr env, leg_services services) {
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
        [this](begin_atom, const std::string& peer) {
          auto reply = self_->make_response_promise<circuit_id>();
          reply_ = answer_to<circuit_id>{reply};
          ask(peer);
          return reply;
        },
    };
  }

 private:
  using leg = far_leg<pointer>;

  void ask(const std::string& peer) {
    id_ = make_transfer_id(*env_);
    auto request = make_open(*env_, circuit_kind::gateway, id_);
    request.destination = {peer};
    far_->start(request, [this](const outcome<leg::ready>& far) {
      if (!far) {
        reply_.fail(far.error());
        return self_->quit();
      }
      circuit_ = far->circuit;
      reply_.deliver(circuit_);
    });
  }

  void conclude(const ended& what) {
    env_->events.write(id_, closed_event(what));
    self_->quit();
  }

  pointer self_;
  environment_ptr env_;
  std::optional<leg> far_;
  answer_to<circuit_id> reply_;
  transfer_id id_;
  circuit_id circuit_ = 0;
};

class gateway_end_state {
 public:
  static inline const char* name = "gateway_end";
  using pointer = circuit_actor::stateful_pointer<gateway_end_state>;

  explicit gateway_end_state(pointer self) : self_(self) {}

  circuit_actor::behavior_type start(environment_ptr env) {
    env_ = std::move(env);
    return {
        [this](const attached& got) { env_->gateways->run(got.circuit, {}); },
        [](const progressed&) {},
        [](const consulted&) {},
        [this](const ended& what) {
          env_->events.write(id_, closed_event(what));
          self_->quit();
        },
        [this](const hop_lost& lost) { env_->plane.close(circuit_, lost.why); },
        [this](const open& told) {
          id_ = told.transfer;
          circuit_ = env_->plane.make_circuit(weak_owner<circuit_owner>{self_});
          opened yes;
          yes.data_token = admit_near_side(*env_, circuit_, told, {});
          return yes;
        },
        [this](const abandon& what) { env_->plane.close(circuit_, what.why); },
    };
  }

 private:
  pointer self_;
  environment_ptr env_;
  transfer_id id_;
  circuit_id circuit_ = 0;
};

} // namespace

gateway_circuit_actor spawn_gateway_dialler(caf::actor_system& system, environment_ptr env,
                                            leg_services services) {
  auto behavior = [](gateway_dialler_state::pointer self, environment_ptr env, leg_services services) {
    return self->state.start(std::move(env), std::move(services));
  };
  return system.spawn(behavior, std::move(env), std::move(services));
}

circuit_actor spawn_gateway_end(caf::actor_system& system, environment_ptr env) {
  auto behavior = [](gateway_end_state::pointer self, environment_ptr env) {
    return self->state.start(std::move(env));
  };
  return system.spawn(behavior, std::move(env));
}

} // namespace hublink
