#include "simulation/sim/sim_definitions.hpp"

#include "simulation/sim/key_ring.hpp"
#include "simulation/sim/sim_commands.hpp"

#include <stdexcept>

namespace hublink::sim {

namespace {

void must(const outcome<>& done) {
  if (!done) throw std::runtime_error(to_string(done.error()));
}

std::unique_ptr<applied_network> open_applied(const std::filesystem::path& data) {
  std::filesystem::create_directories(data);
  auto opened = applied_network::open(data);
  if (!opened) throw std::runtime_error(to_string(opened.error()));
  return std::move(*opened);
}

} // namespace

sim_definitions::sim_definitions(world& in, live_definition self, event_log& events,
                                 const std::filesystem::path& data)
    : in_(in), self_(self), data_(data),
      known_(data, key_ring::of_process().of(self->node, self->role), key_ring::of_process().ca(),
             [&in] { return in.wall_clock(); }),
      keeper_(self, data, key_ring::of_process().ca(), known_, events, [&in] { return in.wall_clock(); }),
      lists_(key_ring::of_process().ca(), key_ring::of_process().list(), data),
      applied_(open_applied(data)), services_{keeper_,
                                              known_,
                                              lists_,
                                              key_ring::of_process().of(self->node, self->role),
                                              key_ring::of_process().ca(),
                                              [&in] { return in.wall_clock(); }} {
  must(known_.open());
  must(keeper_.open());
  auto stored = load_definition(data, self->node, *key_ring::of_process().ca(), known_);
  if (!stored) throw std::runtime_error(to_string(stored.error()));
  if (*stored) self_.replace((*stored)->self);
  if (self->role == role::manager) services_.applied = applied_.get();
}

void sim_definitions::serve(const node_actors& actors) {
  actors_ = actors;
  if (self_->role != role::server) return;
  push_ = spawn_definition_push(in_.system(), self_, actors.supervisor, keeper_, lists_, known_);
  services_.push.put(caf::actor_cast<caf::weak_actor_ptr>(*push_));
}

void sim_definitions::stop() {
  services_.dismiss_all();
  if (push_) caf::anon_send_exit(*std::exchange(push_, {}), caf::exit_reason::user_shutdown);
}

control_services sim_definitions::services(const std::string& from) {
  control_services made{.supervisor = actors_->supervisor, .node = actors_->services, .self = self_};
  made.by.from = from;
  made.data = data_;
  made.definitions = &services_;
  made.logins = [](const std::string&, const std::shared_ptr<const hublink::secret>& secret) {
    return login_saying(R"({"verb":"login","password":")" + std::string{secret->view()} + R"("})");
  };
  return made;
}

} // namespace hublink::sim
