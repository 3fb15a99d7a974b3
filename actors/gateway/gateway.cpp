#include "actors/gateway/gateway.hpp"
#include "actors/base/spawn.hpp"
#include "actors/gateway/gateway_dialler.hpp"

namespace hublink {

namespace {
/// Who asks again so soon after a dial failed gets the same answer.
constexpr std::chrono::milliseconds answer_again{200};
} // namespace

gateway_state::~gateway_state() {
  for (const auto& circuit : circuits_) caf::anon_send_exit(circuit, caf::exit_reason::user_shutdown);
}

gateway_actor::behavior_type gateway_state::start(environment_ptr env, hop_services services) {
  env_ = std::move(env);
  services_ = std::move(services);
  self_->set_down_handler([this](caf::down_msg& down) {
    std::erase_if(circuits_, [&](const auto& circuit) { return circuit.address() == down.source; });
  });
  return {
      [this](const gateway_up& up) {
        auto& peer = peers_[up.peer];
        peer.up.insert(up.circuit);
        peer.pause = {};
        if (dialled_.erase(up.circuit) > 0) peer.dialling = false;
      },
      [this](const gateway_down& down) {
        if (auto dialled = dialled_.extract(down.circuit)) return dial_failed(dialled.mapped(), down.why);
        auto known = peers_.find(down.peer);
        if (known == peers_.end() || known->second.up.erase(down.circuit) == 0) return;
        if (known->second.up.empty() && known->second.kept) plan_dial(down.peer);
      },
      [this](const gateway_wanted& what) { wanted(what.peer); },
      [this](const gateway_reported& got) {
        auto asker = asked_.extract(got.number);
        if (asker) asker.mapped().deliver(got.report);
      },
      [this](start_atom) {
        env_->gateways->serve(weak_owner<gateway_owner>{self_});
        keep_links();
      },
      [this](resume_atom, const std::string& peer) {
        auto& waits = peers_[peer];
        waits.planned = false;
        if (waits.kept && waits.up.empty()) dial(peer);
      },
      [this](define_atom) {
        env_->gateways->define(env_->self.now());
        keep_links();
      },
      [this](gateways_atom) {
        auto reply = self_->make_response_promise<gateway_report>();
        asked_.emplace(++last_number_, answer_promise<gateway_report>{reply});
        env_->gateways->report(last_number_, weak_owner<gateway_owner>{self_});
        return reply;
      },
  };
}

void gateway_state::keep_links() {
  auto self = env_->self.now();
  const auto kept = self->proxy.enabled ? self->proxy.kept : std::vector<std::string>{};
  for (auto& [name, peer] : peers_) peer.kept = contains(kept, name);
  for (const auto& name : kept) {
    auto& peer = peers_[name];
    peer.kept = true;
    if (peer.up.empty() && !peer.planned) dial(name);
  }
}

// A link that is up all the same is about to end: it takes nobody any more.
void gateway_state::wanted(const std::string& name) {
  auto& peer = peers_[name];
  bool just_failed =
      peer.failed_at.time_since_epoch().count() != 0 && self_->clock().now() - peer.failed_at < answer_again;
  if (!peer.dialling && just_failed) return env_->gateways->unreachable(name, peer.why);
  dial(name);
}

void gateway_state::dial(const std::string& name) {
  if (std::exchange(peers_[name].dialling, true)) return;
  auto circuit = spawn<gateway_dialler_state>(self_->system(), env_, services_);
  self_->monitor(circuit);
  circuits_.push_back(circuit);
  self_->request(circuit, env_->open_budget + std::chrono::seconds{1}, dial_atom_v, name)
      .then(
          [this, name](circuit_id made) {
            dialled_.emplace(made, name);
            env_->gateways->run(made, name);
          },
          [this, name](const caf::error& no) { dial_failed(name, to_failure(no, env_->self->node)); });
}

void gateway_state::dial_failed(const std::string& name, const failure& why) {
  auto& peer = peers_[name];
  peer.dialling = false;
  peer.failed_at = self_->clock().now();
  peer.why = why;
  env_->gateways->unreachable(name, why);
  if (peer.kept) plan_dial(name);
}

// Doubled each time, and by chance between the half and the whole of it: gateways that lost one hub don't all
// come back at once.
void gateway_state::plan_dial(const std::string& name) {
  auto& peer = peers_[name];
  if (peer.dialling || std::exchange(peer.planned, true)) return;
  auto most = std::clamp(2 * peer.pause, env_->timing.redial_first, env_->timing.redial_limit);
  peer.pause = most;
  auto pause = most / 2 + std::chrono::milliseconds(env_->random() % std::uint64_t(most.count() / 2 + 1));
  self_->delayed_send(self_, pause, resume_atom_v, name);
}

} // namespace hublink
