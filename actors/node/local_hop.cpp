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
#include <utility>

namespace hublink {

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
      [this](const open& told) -> caf::result<opened> {
        write_told(told);
        if (may_ask(*env_->self.now(), peer_, peer_role_, told) && overtakes(told)) {
          auto reply = self_->make_response_promise<opened>();
          waiting_.push_back({told, answer_to<opened>{reply}});
          return reply;
        }
        auto circuit = admit(told);
        if (!circuit) {
          auto why = circuit.error();
          if (why.hop.empty()) why.hop = env_->self->node;
          return to_error(std::move(why));
        }
        return self_->delegate(*circuit, told);
      },
      [this](const abandon& what) {
        std::erase_if(waiting_, [&](const auto& waiting) { return waiting.told.key() == what.key; });
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

// Two attempts of one transfer must not write, publish and journal side by side. The earlier one may be about
// to publish; then the later one finds the transfer done.
bool local_hop_state::overtakes(const open& told) {
  bool found = false;
  for (const auto& held : circuits_)
    if (told.kind == circuit_kind::transfer && held.receives == told.transfer) {
      found = true;
      self_->send(held.actor, abandon{held.key, {errc::cut, peer_, "a later attempt has begun"}});
    }
  return found;
}

void local_hop_state::serve_waiting() {
  for (auto& waiting : std::exchange(waiting_, {})) {
    if (overtakes(waiting.told)) {
      waiting_.push_back(std::move(waiting));
      continue;
    }
    auto circuit = admit(waiting.told);
    if (!circuit) {
      waiting.reply.fail(circuit.error());
      continue;
    }
    auto reply = std::make_shared<answer_to<opened>>(std::move(waiting.reply));
    self_->request(*circuit, caf::infinite, waiting.told)
        .then([reply](opened& yes) { reply->deliver(std::move(yes)); }, failing(reply, env_->self->node));
  }
}

outcome<circuit_actor> local_hop_state::admit(const open& told) {
  if (auto allowed = may_ask(*env_->self.now(), peer_, peer_role_, told); !allowed) return allowed.error();
  if (told.hops_left == 0)
    return failure{errc::loop, {}, "hop limit used up: the routes on the way go in a circle"};
  if (circuits_.size() >= std::size_t(env_->self->limits.circuits))
    return failure{errc::busy, {}, peer_ + " has as many circuits here as it may"};
  auto claim = env_->active_opens->enter(told.key());
  if (!claim)
    return failure{errc::loop, {}, "routing loop: the same request came here before; check routes and via"};
  auto circuit = spawn_circuit(told);
  if (!circuit) return circuit;
  self_->monitor(*circuit);
  bool receives = told.kind == circuit_kind::transfer && env_->self->role != role::server;
  circuits_.push_back({*claim, *circuit, claim, receives ? told.transfer : transfer_id{}});
  return circuit;
}

outcome<circuit_actor> local_hop_state::spawn_circuit(const open& told) {
  auto self = env_->self.now();
  bool for_me = told.destination.empty() || told.destination.front() == self->node;
  if (told.kind == circuit_kind::ping && (self->role != role::server || for_me))
    return spawn<ping_answerer_state>(self_->system(), env_);
  if (told.kind == circuit_kind::management && (self->role != role::server || for_me))
    return circuit_actor{spawn<session_end_state>(self_->system(), env_, services_.node)};
  if (told.kind == circuit_kind::gateway && for_me) {
    if (env_->gateways && self->proxy.enabled) return spawn<gateway_answerer_state>(self_->system(), env_);
    return failure{errc::not_authorised, {}, "the proxy function is off at " + self->node};
  }
  if (told.kind == circuit_kind::transfer && parts_here(*self, told))
    return circuit_actor{
        spawn<broadcast_point_state>(self_->system(), env_, services_.leg, services_.journal)};
  if (self->role == role::server) return spawn<relay_state>(self_->system(), env_, services_.leg);
  if (told.kind == circuit_kind::transfer)
    return circuit_actor{spawn<receiver_state>(self_->system(), env_, services_.journal, services_.jobs)};
  if (told.kind == circuit_kind::request && services_.dispatcher)
    return spawn<request_acceptor_state>(self_->system(), env_, *services_.dispatcher);
  return failure{errc::bad_message,
                 {},
                 self->node + " does not serve circuits of kind " + std::string(to_string(told.kind))};
}

void local_hop_state::write_told(const open& told) const {
  event::told what;
  what.kind = told.kind;
  what.from = peer_;
  what.file = told.file;
  what.destination = told.destination;
  what.source = told.source;
  what.only = told.only;
  what.attempt = told.attempt;
  env_->events.write(told.transfer, what);
}

} // namespace hublink
