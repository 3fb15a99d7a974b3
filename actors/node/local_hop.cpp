#include "actors/node/local_hop.hpp"
#include "actors/base/spawn.hpp"
#include "actors/broadcast/broadcast_point.hpp"
#include "actors/circuit/ping_answerer.hpp"
#include "actors/circuit/relay.hpp"
#include "actors/gateway/gateway_answerer.hpp"
#include "actors/management/session_end.hpp"
#include "actors/request/request_acceptor.hpp"
#include "actors/routing/authorisation.hpp"
#include "actors/transfer/receiver.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hublink {

namespace {

/// What the actor at a circuit's end may need.
struct end_place {
  caf::actor_system& system;
  const environment_ptr& env;
  const circuit_services& services;
  const definition& self;
};
using end_outcome = outcome<circuit_actor>;

/// The actor that serves circuits of that kind, where they end.
struct end_row {
  circuit_kind kind;
  end_outcome (*start)(const end_place& at);
};

constexpr std::array end_rows{
    end_row{circuit_kind::transfer,
            [](const end_place& at) -> end_outcome {
              return circuit_actor{
                  spawn<receiver_state>(at.system, at.env, at.services.journal, at.services.jobs)};
            }},
    end_row{circuit_kind::request,
            [](const end_place& at) -> end_outcome {
              return spawn<request_acceptor_state>(at.system, at.env, *at.services.dispatcher);
            }},
    end_row{circuit_kind::management,
            [](const end_place& at) -> end_outcome {
              return circuit_actor{spawn<session_end_state>(at.system, at.env)};
            }},
    end_row{
        circuit_kind::gateway,
        [](const end_place& at) -> end_outcome {
          if (at.env->gateways && at.self.proxy.enabled)
            return spawn<gateway_answerer_state>(at.system, at.env);
          return failure{errc::not_authorised, at.self.node, "the proxy function is off at " + at.self.node};
        }},
    end_row{circuit_kind::ping,
            [](const end_place& at) -> end_outcome { return spawn<ping_answerer_state>(at.system, at.env); }},
};
static_assert(has_all_kinds(end_rows));

} // namespace

local_hop_state::~local_hop_state() {
  for (const auto& held : circuits_) caf::anon_send_exit(held.actor, caf::exit_reason::user_shutdown);
}

local_hop_actor::behavior_type local_hop_state::start(environment_ptr env, std::string peer, role peer_role,
                                                      circuit_services services) {
  env_ = std::move(env);
  peer_ = std::move(peer);
  peer_role_ = peer_role;
  services_ = std::move(services);
  self_->set_down_handler([this](caf::down_msg& down) {
    std::erase_if(circuits_, [&](const auto& held) { return held.actor.address() == down.source; });
    serve_waiting();
  });
  return {
      [this](const open& request) -> caf::result<opened> {
        write_told(request);
        auto plan = plan_asked(env_->self.now(), peer_, peer_role_, request);
        if (!plan) return to_error(plan.error());
        arrived_open arrived{request, std::move(*plan)};
        if (request.dial_back || overtakes(request)) return wait(std::move(arrived));
        return serve(std::move(arrived));
      },
      [this](const abandon& what) {
        std::erase_if(waiting_,
                      [&](const auto& waiting) { return waiting.arrived.request.key() == what.key; });
        for (const auto& held : circuits_)
          if (held.key == what.key) self_->send(held.actor, what);
      },
      [this](count_atom) { return std::uint32_t(circuits_.size()); },
      [this](const hop_lost& lost) {
        waiting_.clear();
        for (const auto& held : circuits_) self_->send(held.actor, lost);
      },
  };
}

caf::result<opened> local_hop_state::serve(arrived_open arrived) {
  auto circuit = admit(arrived);
  if (!circuit) return to_error(circuit.error());
  return self_->delegate(*circuit, std::move(arrived));
}

caf::result<opened> local_hop_state::wait(arrived_open arrived) {
  auto reply = self_->make_response_promise<opened>();
  bool locating = arrived.request.dial_back.has_value();
  waiting_.push_back({std::move(arrived), answer_promise<opened>{reply}, locating});
  if (locating) locate_asker(waiting_.back().arrived.request);
  return reply;
}

// Only this side can dial: its home server is where the definition, or the system resolver, says.
void local_hop_state::locate_asker(const open& request) {
  auto is_it = [key = request.key()](const auto& waiting) {
    return waiting.locating && waiting.arrived.request.key() == key;
  };
  // No time-out of its own, as the link has none: timers of a long-lived asker would pile up.
  self_->request(services_.hops.resolver, caf::infinite, locate_atom_v, peer_)
      .then(
          [this, is_it](const endpoint& where) {
            for (auto& waiting : waiting_)
              if (is_it(waiting)) {
                waiting.arrived.asker = where;
                waiting.locating = false;
              }
            serve_waiting();
          },
          [this, is_it](const caf::error& no) {
            for (auto& waiting : waiting_)
              if (is_it(waiting)) waiting.reply.fail(to_failure(no, env_->self->node));
            std::erase_if(waiting_, is_it);
          });
}

// Two attempts of one transfer must not write, publish and journal side by side. The earlier one may be about
// to publish; then the later one finds the transfer done.
bool local_hop_state::overtakes(const open& request) {
  bool found = false;
  for (const auto& held : circuits_)
    if (traits_of(request.kind).one_attempt && held.one_attempt_of == request.transfer) {
      found = true;
      self_->send(held.actor, abandon{held.key, {errc::cut, peer_, "a later attempt has begun"}});
    }
  return found;
}

void local_hop_state::serve_waiting() {
  for (auto& waiting : std::exchange(waiting_, {})) {
    if (waiting.locating || overtakes(waiting.arrived.request)) {
      waiting_.push_back(std::move(waiting));
      continue;
    }
    auto circuit = admit(waiting.arrived);
    if (!circuit) {
      waiting.reply.fail(circuit.error());
      continue;
    }
    auto reply = std::make_shared<answer_promise<opened>>(std::move(waiting.reply));
    self_->request(*circuit, caf::infinite, std::move(waiting.arrived))
        .then([reply](opened& yes) { reply->deliver(std::move(yes)); }, failing(reply, env_->self->node));
  }
}

outcome<circuit_actor> local_hop_state::admit(const arrived_open& arrived) {
  const auto& request = arrived.request;
  const auto& self = *arrived.plan.self;
  if (request.hops_left == 0)
    return failure{errc::loop, self.node, "hop limit used up: the routes on the way go in a circle"};
  if (circuits_.size() >= std::size_t(self.limits.circuits))
    return failure{errc::busy, self.node, peer_ + " has as many circuits here as it may"};
  if (env_->opens->is_dead_end(request, self_->clock().now()))
    return failure{errc::no_route, self.node, "the same request came here before and found no way on"};
  auto claim = env_->opens->enter(request.key());
  if (!claim)
    return failure{errc::loop, self.node,
                   "routing loop: the same request came here before; check routes and via"};
  auto circuit = spawn_circuit(arrived);
  if (!circuit) return circuit;
  self_->monitor(*circuit);
  circuits_.push_back({*claim, *circuit, claim});
  if (traits_of(request.kind).one_attempt && arrived.plan.ends_here())
    circuits_.back().one_attempt_of = request.transfer;
  return circuit;
}

outcome<circuit_actor> local_hop_state::spawn_circuit(const arrived_open& arrived) {
  if (arrived.plan.ends_here()) return spawn_end(arrived);
  if (arrived.plan.parts)
    return circuit_actor{
        spawn<broadcast_point_state>(self_->system(), env_, services_.hops, services_.journal)};
  return spawn<relay_state>(self_->system(), env_, services_.hops);
}

outcome<circuit_actor> local_hop_state::spawn_end(const arrived_open& arrived) {
  const auto& self = *arrived.plan.self;
  const auto kind = arrived.request.kind;
  if (!traits_of(kind).ends_at.contains(self.role))
    return failure{errc::bad_message, self.node,
                   self.node + " does not serve circuits of kind " + std::string{to_string(kind)}};
  return end_rows[static_cast<std::size_t>(kind)].start({self_->system(), env_, services_, self});
}

void local_hop_state::write_told(const open& request) const {
  event::told what;
  what.kind = request.kind;
  what.from = peer_;
  what.file = request.file;
  what.destination = request.destination;
  what.source = request.source;
  what.only = request.only;
  what.attempt = request.attempt;
  env_->events.write(request.transfer, what);
}

} // namespace hublink
