#include "simulation/sim/sim_desk.hpp"

#include "simulation/sim/key_ring.hpp"

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

sim_desk::sim_desk(world& in, live_definition self, event_log& events, const std::filesystem::path& data)
    : in_(in), self_(self), data_(data),
      keeper_(self, data, key_ring::of_process().ca(), events, [&in] { return in.wall_clock(); }),
      lists_(key_ring::of_process().ca(), key_ring::of_process().list(), data),
      applied_(open_applied(data)), desk_{keeper_, lists_,
                                          key_ring::of_process().of(self->node, self->role)} {
  must(keeper_.open());
  auto stored = load_definition(data, self->node, *key_ring::of_process().ca());
  if (!stored) throw std::runtime_error(to_string(stored.error()));
  if (*stored) self_.replace((*stored)->self);
  if (self->role == role::manager) desk_.applied = applied_.get();
}

void sim_desk::serve(const supervisor_actor& supervisor) {
  if (self_->role != role::server) return;
  courier_ = spawn_courier(in_.system(), self_, supervisor, keeper_, lists_);
  desk_.courier = caf::actor_cast<caf::weak_actor_ptr>(*courier_);
}

void sim_desk::stop() {
  desk_.employ({});
  if (courier_) caf::anon_send_exit(*std::exchange(courier_, {}), caf::exit_reason::user_shutdown);
}

control_services sim_desk::services(const supervisor_actor& supervisor, const std::string& from) {
  control_services made{supervisor, self_};
  made.by.from = from;
  made.data = data_;
  made.desk = &desk_;
  return made;
}

} // namespace hublink::sim
