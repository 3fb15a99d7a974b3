#include "actors/node/local_hop.hpp"
#include "actors/base/spawn.hpp"
#include "actors/broadcast/broadcast_point.hpp"
#include "actors/circuit/answerer.hpp"
#include "actors/circuit/leg_id.hpp"
#include "actors/circuit/load_point.hpp"
#include "actors/circuit/relay.hpp"
#include "actors/management/session_end.hpp"
#include "actors/node/told_event.hpp"
#include "actors/ports/gateway_plane.hpp"
#include "actors/request/request_acceptor.hpp"
#include "actors/routing/authorisation.hpp"
#include "actors/transfer/receiver.hpp"
#include "protocol/circuit/ping_end.hpp"

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

circuit_actor answering(const end_place& at, answerer_state::end_starter* run) {
  return spawn<answerer_state>(at.system, at.env, run);
}

void run_gateway_link(environment& env, circuit_id circuit) { env.gateways->run(circuit, {}); }

void run_ping_end(environment& env, circuit_id circuit) { env.plane.run(circuit, make_ping_end(), nullptr); }

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
          if (at.env->gateways && at.self.proxy.enabled) return answering(at, &run_gateway_link);
          return failure{errc::not_authorised, at.self.node, "the proxy function is off at " + at.self.node};
        }},
    end_row{circuit_kind::ping,
            [](const end_place& at) -> end_outcome { return answering(at, &run_ping_end); }},
    end_row{circuit_kind::rate,
            [](const end_place& at) -> end_outcome {
              return circuit_actor{spawn<load_point_state>(at.system, at.env, at.services.hops)};
            }},
};
static_assert(has_all_kinds(end_rows));

} // namespace

local_hop_state::~local_hop_state() {
  if (env_) sum_up_refusals(true);
  for (const auto& held : circuits_) caf::anon_send_exit(held.actor, caf::exit_reason::user_shutdown);
}

local_hop_actor::behavior_type local_hop_state::start(environment_ptr env, std::string peer, role peer_role,
                                                      circuit_services services) {
  env_ = std::move(env);
  peer_ = std::move(peer);
  peer_role_ = peer_role;
  services_ = std::move(services);
  room_ = peer_share{peer_role_ == role::server};
  if (peer_role_ != role::server) share_ = env_->random();
  self_->set_down_handler([this](caf::down_msg& down) {
    std::erase_if(circuits_, [&](const auto& held) {
      if (held.actor.address() != down.source) return false;
      room_.give_back(held.holder);
      return true;
    });
  });
  return {
      [this](const open& request) { return take(request); },
      [this](const abandon& what) {
        std::erase_if(waiting_,
                      [&](const auto& waiting) { return waiting.arrived.request.key() == what.key; });
        for (auto& held : circuits_) {
          if (held.key != what.key) continue;
          forget(held);
          self_->send(held.actor, what);
        }
      },
      [this](count_atom) { return std::uint32_t(circuits_.size()); },
      [this](define_atom) { note_ended_rights(); },
      [this](resume_atom) { close_ended_rights(); },
      [this](const hop_lost& lost) {
        waiting_.clear();
        for (auto& held : circuits_) {
          forget(held);
          self_->send(held.actor, lost);
        }
      },
      [this](caf::tick_atom) { sum_up_refusals(false); },
  };
}

caf::result<opened> local_hop_state::take(const open& asked) {
  auto request = asked;
  request.reads = request.reads && is_by_home(request);
  request.came_by = leg_id(asked, peer_, env_->self->node);
  if (auto why = unfit(request)) return refuse(request, std::move(*why));
  auto plan = plan_asked(env_->self.now(), peer_, peer_role_, request);
  if (!plan) return refuse(request, plan.error());
  arrived_open arrived{request, std::move(*plan), peer_};
  if (peer_role_ != role::server) arrived.request.share = share_;
  if (!request.dial_back) return serve(std::move(arrived));
  write_told(request);
  return wait(std::move(arrived));
}

std::optional<failure> local_hop_state::unfit(const open& request) const {
  if (traits_of(request.kind).follows_file || told_names(request).size() <= 1) return {};
  return failure{errc::bad_message, env_->self->node,
                 "a circuit of kind " + std::string{to_string(request.kind)} + " leads to one node"};
}

caf::result<opened> local_hop_state::serve(arrived_open arrived) {
  auto circuit = admit(arrived);
  if (!circuit) return refuse(arrived.request, circuit.error());
  const bool stops = traits_of(arrived.request.kind).stops_at_each;
  bool goes_on = !arrived.plan.ends_here() && !arrived.plan.parts && !stops;
  if (goes_on) return pass_on(*circuit, std::move(arrived));
  write_told(arrived.request);
  return self_->delegate(*circuit, std::move(arrived));
}

// Once much was refused to who asks, what he asks for is written down when he gets it.
caf::result<opened> local_hop_state::pass_on(const circuit_actor& circuit, arrived_open arrived) {
  bool quiet = refused_.owes(asker_of(arrived.request));
  if (quiet)
    arrived.untold = told_event(arrived.request, peer_);
  else
    write_told(arrived.request);
  auto promise = self_->make_response_promise<opened>();
  await(circuit, std::move(arrived), std::make_shared<answer_promise<opened>>(promise), quiet);
  return promise;
}

void local_hop_state::await(const circuit_actor& circuit, arrived_open arrived, opened_reply reply,
                            bool quiet) {
  auto refused = [this, circuit, arrived, reply, quiet](const caf::error& no) {
    auto why = to_failure(no, env_->self->node);
    auto rest = may_work_elsewhere(why) ? plan_rest(arrived.plan, arrived.request) : std::nullopt;
    if (!rest) {
      note_refusal(arrived.request, why, quiet);
      return reply->fail(std::move(why));
    }
    arrived_open onward{std::move(rest->request), std::move(rest->plan), arrived.from, arrived.asker,
                        arrived.untold,           arrived.active};
    auto next = replace(circuit, onward);
    if (!next) return reply->fail(std::move(why));
    if (quiet && onward.plan.parts) env_->events.write(onward.request.transfer, *onward.untold); // it stands
    await(*next, std::move(onward), reply, quiet);
  };
  self_->request(circuit, caf::infinite, std::move(arrived))
      .then([reply](opened& yes) { reply->deliver(std::move(yes)); }, std::move(refused));
}

std::optional<circuit_actor> local_hop_state::replace(const circuit_actor& failed,
                                                      const arrived_open& arrived) {
  auto held = std::find_if(circuits_.begin(), circuits_.end(),
                           [&](const auto& each) { return each.actor == failed; });
  if (held == circuits_.end() || !held->active) return {};
  auto next = spawn_circuit(arrived);
  if (!next) return {};
  self_->monitor(*next);
  held->actor = *next;
  return *next;
}

void local_hop_state::note_refusal(const open& request, const failure& why, bool quiet) {
  if (quiet)
    refused_.count(asker_of(request), why.code, self_->clock().now());
  else
    refused_.note(asker_of(request), why.code, self_->clock().now());
  plan_sum();
}

caf::result<opened> local_hop_state::refuse(const open& request, failure why) {
  if (refused_.note(asker_of(request), why.code, self_->clock().now())) write_told(request, why);
  plan_sum();
  return to_error(std::move(why));
}

std::string local_hop_state::asker_of(const open& request) const {
  return peer_role_ == role::server ? holder_of(request) : std::string{};
}

void local_hop_state::plan_sum() {
  if (sums_ || !refused_.owes()) return;
  sums_ = true;
  self_->delayed_send(self_, repeat_tally::span, caf::tick_atom_v);
}

void local_hop_state::sum_up_refusals(bool all) {
  sums_ = false;
  for (auto& sum : refused_.take_sums(env_->self->node, peer_, self_->clock().now(), all))
    env_->events.write({}, std::move(sum));
  if (!all) plan_sum();
}

caf::result<opened> local_hop_state::wait(arrived_open arrived) {
  auto reply = self_->make_response_promise<opened>();
  waiting_.push_back({std::move(arrived), answer_promise<opened>{reply}});
  locate_asker(waiting_.back().arrived.request);
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
          [this, is_it](const endpoints& where) {
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

void local_hop_state::serve_waiting() {
  for (auto& waiting : std::exchange(waiting_, {})) {
    if (waiting.locating) {
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

std::optional<failure> local_hop_state::ended_right(const held_circuit& held) const {
  auto still = may_keep(*env_->self.now(), peer_, peer_role_, held.request);
  if (still) return {};
  return failure{errc::cut, still.error().hop, "by the definition in force: " + still.error().text};
}

// What is nearly done may come to its end: definitions reach the nodes one after the other, and an answer
// that they were taken travels over a circuit, too.
void local_hop_state::note_ended_rights() {
  if (std::ranges::any_of(circuits_, [this](const auto& held) { return ended_right(held).has_value(); }))
    self_->delayed_send(self_, env_->timing.farewell, resume_atom_v);
}

void local_hop_state::close_ended_rights() {
  for (auto& held : circuits_) {
    auto why = ended_right(held);
    if (!why) continue;
    forget(held); // nor may it go on otherwise
    self_->send(held.actor, abandon{held.key, *why});
  }
}

void local_hop_state::forget(held_circuit& unwanted) {
  if (unwanted.active) unwanted.active->release_all();
  unwanted.active.reset();
}

void local_hop_state::drop_replaced(const open& request) {
  const failure why{errc::cut, env_->self->node, "the circuit is made anew"};
  for (auto& held : circuits_) {
    const bool is_same = held.key == request.key() && held.request.round == request.round;
    if (is_same || !held.active || !held.active->covers(request.key())) continue;
    forget(held);
    self_->send(held.actor, abandon{held.key, why});
  }
}

// Of a link between gateways its ends know what it carries, and count that; whoever relays it does not.
outcome<current_work::piece> local_hop_state::begin_work(const arrived_open& arrived) const {
  const auto& traits = traits_of(arrived.request.kind);
  if (!traits.is_work) return current_work::piece{};
  auto work = env_->work->begin(env_->self->node);
  const bool counted_there = traits.kind == circuit_kind::gateway && arrived.plan.ends_here();
  if (work && counted_there) work = current_work::piece{};
  return work;
}

outcome<circuit_actor> local_hop_state::admit(arrived_open& arrived) {
  const auto& request = arrived.request;
  const auto& self = *arrived.plan.self;
  if (request.hops_left == 0)
    return failure{errc::loop, self.node, "hop limit used up: the routes on the way go in a circle"};
  if (env_->opens->is_dead_end(request, self_->clock().now()))
    return failure{errc::no_route, self.node, "the same request came here before and found no way on"};
  auto work = begin_work(arrived);
  if (!work) return work.error();
  drop_replaced(request);
  auto claim = env_->opens->enter(request.key());
  if (!claim)
    return failure{errc::loop, self.node,
                   "routing loop: the same request came here before; check routes and via"};
  auto holder = holder_of(request);
  switch (room_.take(holder, self.limits.circuits)) {
  case peer_share::answer::all_taken:
    return failure{errc::busy, self.node, peer_ + " has as many circuits here as it may"};
  case peer_share::answer::share_is_used:
    return failure{errc::busy, self.node,
                   "who asks over " + peer_ + " has as many circuits here as is his share of those of " +
                       peer_};
  case peer_share::answer::taken:
    break;
  }
  auto circuit = spawn_circuit(arrived);
  if (!circuit) {
    room_.give_back(holder);
    return circuit;
  }
  self_->monitor(*circuit);
  arrived.active = claim;
  circuits_.push_back({request.key(), request, *circuit, claim, std::move(holder), std::move(*work)});
  return circuit;
}

outcome<circuit_actor> local_hop_state::spawn_circuit(const arrived_open& arrived) {
  if (arrived.plan.ends_here() || traits_of(arrived.request.kind).stops_at_each) return spawn_end(arrived);
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

/// Nobody else's circuits go unseen.
bool local_hop_state::is_by_home(const open& request) const {
  return request.kind == circuit_kind::management && env_->self->role == role::client &&
         peer_role_ == role::server && peer_ == env_->self->home;
}

void local_hop_state::write_told(const open& request, std::optional<failure> no) const {
  if (request.reads) return;
  auto told = told_event(request, peer_);
  told.no = std::move(no);
  env_->events.write(request.transfer, told);
}

} // namespace hublink
