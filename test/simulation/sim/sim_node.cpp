#include "simulation/sim/sim_node.hpp"

namespace hublink::sim {

sim_node::sim_node(network& net, event_trace& events, application_book& applications, definition self)
    : net_(net), events_(events), applications_(applications),
      self_(std::make_shared<const definition>(std::move(self))), disk_(net.in(), self_->node),
      journal_(net.in(), self_->node), runner_(net.in()) {
  for (const auto& where : self_->own_listens()) net.place(self_->node, where);
}

void sim_node::start() {
  auto& in = net_.in();
  in.note(name(), "starts");
  hello greeting;
  greeting.name = name();
  greeting.role = self_->role;
  greeting.incarnation = in.draw();
  auto& now = *lives_.emplace_back(std::make_unique<life>(net_, events_, applications_, greeting, self_));
  if (!definitions.empty())
    now.definitions = std::make_unique<sim_definitions>(in, now.in_force, now.events, definitions / name());
  commands_.use(now.definitions.get());
  now.files = disk_.mount();
  auto& keys = key_ring::of_process();
  id_.replace(newest_identity());
  environment_ptr env{
      new environment{now.in_force, now.plane, now.events, log_, *now.files, id_, keys.ca(),
                      [&in, this] {
                        return in.wall_clock() +
                               std::chrono::duration_cast<std::chrono::system_clock::duration>(clock_offset_);
                      },
                      [&in] { return in.draw(); }, [&in] { return in.steady_ms(); }}};
  env->open_budget = open_budget;
  env->timing = timing;
  env->commands = &commands_;
  env->chunk_size = chunk_size;
  env->jobs = jobs;
  env->runner = &runner_;
  if (self_->role == role::server) env->gateways = &now.gateways;
  for (const auto& peer : revoked_) now.gateways.revoke(peer);
  for (const auto& [file, known] : self_->sends)
    for (const auto& recipient : known.recipients) {
      auto certificate = keys.of(recipient, role::client)->certificate();
      if (known.recipients.size() > 1 || known.through_store)
        env->certificates[recipient] = {certificate.begin(), certificate.end()};
    }
  actors_ = spawn_node(in.system(), env, journal_.start());
  if (now.definitions) now.definitions->serve(*actors_);
  running_ = true;
}

void sim_node::crash(bool tell_peers) {
  if (!std::exchange(running_, false)) return;
  ++crashes_;
  net_.in().note(name(), tell_peers ? "crashes" : "loses power");
  lives_.back()->events.deaf = true;
  lives_.back()->gateways.crash();
  lives_.back()->plane.crash(tell_peers);
  disk_.crash();
  journal_.crash();
  runner_.crash();
  if (auto& definitions = lives_.back()->definitions) definitions->stop();
  caf::anon_send(actors_->supervisor, stop_atom_v);
  actors_.reset();
}

void sim_node::define(definition next) {
  self_ = std::make_shared<const definition>(std::move(next));
  if (running_) caf::anon_send(actors_->supervisor, define_atom_v, self_);
}

void sim_node::connect(std::uint64_t application) {
  if (running_) return gateways().connect(application);
  applications_.enter(application, true, app_state::refused);
}

std::shared_ptr<const identity> sim_node::newest_identity() const {
  auto& keys = key_ring::of_process();
  std::vector<std::shared_ptr<const identity>> all;
  for (int number = renewed_; number >= 0; --number) all.push_back(keys.of(name(), self_->role, number));
  return identity::succeeding(std::move(all));
}

void sim_node::renew_certificate() {
  ++renewed_;
  net_.in().note(name(), "has a newer certificate");
  id_.replace(newest_identity());
}

void sim_node::revoke(const std::string& peer) {
  revoked_.insert(peer);
  if (running_) gateways().revoke(peer);
}

} // namespace hublink::sim
