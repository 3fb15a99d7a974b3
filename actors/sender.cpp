#include "actors/sender.hpp"
#include "actors/circuit_end.hpp"
#include "actors/ids.hpp"

namespace hublink {

sender_actor::behavior_type sender_state::start(environment_ptr env, sender_services services,
                                                transfer_record record) {
  env_ = std::move(env);
  services_ = std::move(services);
  record_ = std::move(record);
  far_.emplace(self_, env_, services_.leg);
  return {
      [this](const attached& got) { far_->on_attached(got.circuit); },
      [this](const progressed& now) {
        record_.bytes = now.progress.bytes;
        record_.size = now.progress.size;
        self_->send(services_.journal, note_atom_v, record_);
        self_->send(services_.dispatcher, record_);
      },
      [this](const consulted& asked) { note_all_sent(asked.circuit); },
      [this](const ended& what) {
        if (!far_->on_ended(what) && what.circuit == circuit_) conclude(what);
      },
      [this](const hop_lost& lost) {
        if (far_->stands_on(lost)) env_->plane.close(circuit_, lost.why);
      },
      [this](begin_atom) { start_attempt(); },
  };
}

void sender_state::start_attempt() {
  // A definition may have gone while the transfer was queued.
  auto found = env_->self->sends.find(record_.file);
  if (found == env_->self->sends.end())
    return finish(transfer_state::failed,
                  failure{errc::unknown_file, env_->self->node, "no send definition for " + record_.file});
  definition_ = found->second;
  ++record_.attempt;
  record_.state = transfer_state::running;
  record_.path = definition_.path;
  record_.bytes = 0;
  for (auto& [name, state] : record_.to) state = transfer_state::running;
  save([this] { make_circuit(); });
}

void sender_state::make_circuit() {
  open request;
  request.open_id = open_id_ = make_open_id(*env_);
  request.transfer = record_.transfer;
  request.attempt = record_.attempt;
  request.file = record_.file;
  if (definition_.destination) request.destination = {*definition_.destination};
  request.budget_ms = std::uint32_t(env_->open_budget.count());
  far_->start(request, [this](const outcome<leg::ready>& far) {
    if (far) return run(*far);
    finish(record_.all_sent ? transfer_state::unconfirmed : transfer_state::failed, far.error());
  });
}

void sender_state::run(const leg::ready& far) {
  circuit_ = far.circuit;
  sending_end_config config;
  config.offer = {record_.transfer, record_.attempt,       1,
                  record_.sequence, now_ms(*env_),         env_->self->node,
                  record_.file,     definition_.recipients};
  config.open_id = open_id_;
  config.file_name = definition_.path.substr(definition_.path.find_last_of('/') + 1);
  config.digest = definition_.digest;
  config.chunk_size = env_->chunk_size;
  config.self = env_->id;
  config.ca = env_->ca;
  config.now = env_->wall_clock;
  env_->plane.run(circuit_, make_sending_end(std::move(config)), env_->files.source(definition_.path));
}

void sender_state::note_all_sent(circuit_id circuit) {
  record_.all_sent = true;
  save([this, circuit] { env_->plane.resume(circuit, {}); });
}

void sender_state::conclude(const ended& what) {
  env_->events.write(record_.transfer, closed_event(what));
  record_.bytes = what.content.bytes;
  record_.size = what.content.size;
  record_.digest = what.digest;
  if (what.result) return finish(transfer_state::done, {});
  auto why = what.result.error();
  if (why.hop.empty()) why.hop = env_->self->node;
  far_->stop(why);
  // Once all was sent, only the receiver's own word says that it failed.
  bool silent = why.code == errc::cut || why.code == errc::hop_down || why.code == errc::timed_out ||
                why.code == errc::unconfirmed;
  auto state = why.code == errc::superseded  ? transfer_state::superseded
               : why.code == errc::cancelled ? transfer_state::cancelled
               : record_.all_sent && silent  ? transfer_state::unconfirmed
                                             : transfer_state::failed;
  finish(state, std::move(why));
}

void sender_state::finish(transfer_state state, std::optional<failure> why) {
  record_.state = state;
  record_.ended_ms = now_ms(*env_);
  record_.reason = std::move(why);
  for (auto& [name, each] : record_.to) each = state;
  save([this] {
    event::sent what{record_.file, {}, record_.bytes};
    for (const auto& [name, state] : record_.to)
      what.receivers[name] = state == transfer_state::done          ? "done"
                             : state == transfer_state::unconfirmed ? "pending"
                                                                    : "failed";
    env_->events.write(record_.transfer, what);
    self_->quit();
  });
}

// The journal's answer comes after the change is durable; a journal that can't write ends the transfer before
// anything else happens.
void sender_state::save(std::function<void()> then) {
  self_->request(services_.journal, caf::infinite, save_atom_v, record_)
      .then(
          [this, then] {
            then();
            // Last: who was told `done` must find it in the journal and in the trace, also after a crash.
            self_->send(services_.dispatcher, record_);
          },
          [this](const caf::error& no) {
            record_.state = transfer_state::failed;
            record_.reason = to_failure(no, env_->self->node);
            record_.ended_ms = now_ms(*env_);
            if (circuit_) env_->plane.close(circuit_, *record_.reason);
            self_->send(services_.dispatcher, record_);
            self_->quit();
          });
}

sender_actor spawn_sender(caf::actor_system& system, environment_ptr env, sender_services services,
                          transfer_record record) {
  auto behavior = [](sender_actor::stateful_pointer<sender_state> self, environment_ptr env,
                     sender_services services, transfer_record record) {
    return self->state.start(std::move(env), std::move(services), std::move(record));
  };
  return system.spawn(behavior, std::move(env), std::move(services), std::move(record));
}

} // namespace hublink
