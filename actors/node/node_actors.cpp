#include "actors/node/node_actors.hpp"
#include "actors/base/current_work.hpp"
#include "actors/base/near_limits.hpp"
#include "actors/base/share_pool.hpp"
#include "actors/base/spawn.hpp"
#include "actors/broadcast/broadcast_table.hpp"
#include "actors/broadcast/spool_keeper.hpp"
#include "actors/circuit/active_opens.hpp"
#include "actors/circuit/load_slot.hpp"
#include "actors/gateway/gateway.hpp"
#include "actors/link/return_book.hpp"
#include "actors/link/silent_hops.hpp"
#include "actors/management/sessions.hpp"
#include "actors/node/supervisor.hpp"
#include "actors/transfer/dispatcher.hpp"
#include "actors/transfer/job_keeper.hpp"
#include "actors/transfer/receive_turns.hpp"
#include "actors/transfer/receive_watch.hpp"

namespace hublink {

namespace {
constexpr share_pool::amount most_command_bytes = 64 << 20;
constexpr share_pool::amount most_spools = 64 << 10; ///< each has a row in the journal, and some KiB here

void watch(const char* what, const std::shared_ptr<share_pool>& pool) {
  near_limits::of_process().watch(what, [weak = std::weak_ptr{pool}]() -> std::optional<unsigned> {
    auto alive = weak.lock();
    return alive ? std::optional{alive->percent_taken()} : std::nullopt;
  });
}
} // namespace

node_actors spawn_node(caf::actor_system& system, const environment_ptr& env, journal_actor journal) {
  env->work = std::make_shared<current_work>();
  env->opens = std::make_shared<active_opens>();
  env->silent = std::make_shared<silent_hops>();
  env->returns = std::make_shared<return_book>();
  env->loads = std::make_shared<load_slot>();
  env->receives = std::make_shared<receive_watch>();
  env->turns = std::make_shared<receive_turns>();
  env->broadcasts = std::make_shared<broadcast_table>();
  env->spools = std::make_shared<share_pool>(most_spools);
  env->sessions = std::make_shared<share_pool>(share_pool::amount(env->self->limits.sessions));
  env->command_bytes = std::make_shared<share_pool>(most_command_bytes);
  watch("spools of broadcasts and of the store (65,536)", env->spools);
  watch("sessions of management (limits.sessions)", env->sessions);
  watch("memory for commands that come in parts (64 MiB)", env->command_bytes);
  node_actors made;
  made.supervisor = spawn<supervisor_state>(system, env);
  auto& services = made.services;
  services.journal = std::move(journal);
  services.resolver = spawn<route_resolver_state>(system, env);
  services.jobs = spawn<job_keeper_state>(system, env, services.journal);
  const hop_services hops{made.supervisor, services.resolver};
  switch (env->self->role) {
  case role::client:
    services.dispatcher = spawn<dispatcher_state>(system, env, hops, services.journal, services.jobs);
    break;
  case role::manager:
    services.sessions = spawn<sessions_state>(system, env, hops);
    break;
  case role::server:
    services.spools = spawn<spool_keeper_state>(system, env, hops, services.journal);
    if (env->gateways) services.gateway = spawn<gateway_state>(system, env, hops);
    break;
  }
  caf::anon_send(made.supervisor, start_atom_v, services);
  return made;
}

} // namespace hublink
