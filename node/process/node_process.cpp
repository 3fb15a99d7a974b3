#include "node/process/node_process.hpp"
#include "actors/base/spawn.hpp"
#include "actors/node/supervisor.hpp"
#include "node/base/process_runner.hpp"
#include "node/base/small_file.hpp"
#include "node/base/spdlog_port.hpp"
#include "node/base/unique_fd.hpp"
#include "node/control/control_socket.hpp"
#include "node/definition/definition_services.hpp"
#include "node/events/client_events.hpp"
#include "node/events/event_file.hpp"
#include "node/files/posix_store.hpp"
#include "node/gateway/gateway_io.hpp"
#include "node/journal/sqlite_journal.hpp"
#include "node/plane/io_plane.hpp"
#include "node/requests/serve_request.hpp"
#include "node/requests/session_commands.hpp"

#include <openssl/rand.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <sys/file.h>
#include <sys/resource.h>

namespace hublink {

namespace {

std::chrono::system_clock::time_point wall_clock() { return std::chrono::system_clock::now(); }

std::uint64_t random_number() {
  std::uint64_t value = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value);
  return value;
}

/// Thousands of circuits need more than the usual 1,024 descriptors.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// The node's directory, for one node at a time: a second would share journal and socket.
outcome<unique_fd> claim_directory(const std::filesystem::path& data) {
  std::error_code error;
  std::filesystem::create_directories(data, error);
  if (error) return failure{errc::bad_config, {}, "can't make " + data.string() + ": " + error.message()};
  auto path = (data / "lock").string();
  unique_fd lock{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!lock) return failure{errc::bad_config, {}, path + ": " + std::strerror(errno)};
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return failure{errc::bad_config, {}, "another node runs in " + data.string() + "; choose another --data"};
  return lock;
}

struct actor_config : caf::actor_system_config {
  actor_config() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::max<std::size_t>(2, std::thread::hardware_concurrency()));
  }
};

plane_identity identity_of(const node_options& options) {
  const auto& keys = options.keys;
  return {options.self->node, options.self->role, keys.ca_path, keys.cert_path,
          keys.key_path,      keys.crl_path,      keys.ca};
}

io_plane_config plane_config(const node_options& options) {
  io_plane_config config;
  config.where = options.self->address;
  config.own = identity_of(options);
  config.incarnation = random_number();
  config.limits = options.self->limits;
  config.warn = [](const std::string& line) { spdlog::info("{}", line); };
  return config;
}

} // namespace

void start_log(const std::filesystem::path& data, const std::string& node) {
  auto file =
      std::make_shared<spdlog::sinks::rotating_file_sink_mt>((data / "hublink.log").string(), 10 << 20, 3);
  auto terminal = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  terminal->set_level(spdlog::level::warn);
  auto log = std::make_shared<spdlog::logger>(node, spdlog::sinks_init_list{file, terminal});
  log->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(log));
}

outcome<> run_node(const node_options& options, const std::function<void()>& ready) {
  const auto& self = *options.self;
  auto lock = claim_directory(options.data);
  if (!lock) return lock.error();
  raise_descriptor_limit();
  start_log(options.data, self.node);
  spdlog_port log;
  live_events live;
  auto events = open_event_file(options.data / "events.jsonl", self.node, wall_clock, &live.own);
  if (!events) return events.error();
  posix_store files{options.data.string()};
  if (self.role == role::server) files.use_spools(self.limits.spool_bytes);

  // In the order of their dependence: the plane stops before the actor system ends, and outlives it.
  // Accounts and command service are there until the last actor has ended.
  live_definition in_force{options.self};
  definition_keeper keeper{in_force, options.data, options.keys.ca, **events, wall_clock};
  if (auto opened = keeper.open(); !opened) return opened.error();
  auto applied = applied_network::open(options.data);
  if (!applied) return applied.error();
  auto first_list = read_small_file(options.keys.crl_path);
  if (!first_list) return first_list.error();
  revocations lists{options.keys.ca, *first_list, options.data};
  if (auto opened = lists.open(); !opened) return opened.error();
  definition_services definitions{keeper, lists, options.keys.id};
  if (self.role == role::manager) {
    definitions.applied = applied->get();
    definitions.list_file = options.keys.crl_path;
    definitions.recipients_file =
        std::filesystem::path(definitions.list_file).replace_filename("recipients.pem");
  }
  std::unique_ptr<accounts> users;
  std::unique_ptr<session_commands> commands;
  std::unique_ptr<io_plane> plane; // some actors have last words for these when they have stopped already
  std::unique_ptr<gateway_io> gateways;
  std::unique_ptr<process_runner> runner;
  actor_config config;
  caf::actor_system system{config};
  auto made = io_plane::make(plane_config(options));
  if (!made) return made.error();
  plane = std::move(*made);
  if (self.role == role::server) {
    auto opened = gateway_io::make({options.self, identity_of(options), options.data.string()}, *plane);
    if (!opened) return opened.error();
    gateways = std::move(*opened);
  }
  auto journal = spawn_sqlite_journal(system, options.data / "journal.sqlite", wall_clock,
                                      std::chrono::hours{24} * self.limits.keep_days);
  if (!journal) return journal.error();
  runner = std::make_unique<process_runner>(plane->context(), std::filesystem::absolute(options.data));
  // Made in place: of a copy from a temporary GCC 12 warns falsely.
  std::shared_ptr<environment> env(new environment{in_force, *plane, **events, log, files, options.keys.id,
                                                   options.keys.ca, wall_clock, random_number});
  env->jobs = options.jobs;
  env->runner = runner.get();
  if (self.role == role::server) {
    auto opened = accounts::open(options.data / "journal.sqlite", wall_clock);
    if (!opened) return opened.error();
    users = std::move(*opened);
    if (!users->first_password().empty())
      std::cerr << "hublink: first account of " << self.node << ": user admin, password "
                << users->first_password() << " (shown this once)" << std::endl;
  }
  commands =
      std::make_unique<session_commands>(system, in_force, users.get(), options.data, &definitions, &live);
  env->commands = commands.get();
  env->gateways = gateways.get();
  lists.on_change([&plane, &gateways, &keeper, &definitions] {
    plane->recheck();
    if (gateways) gateways->recheck();
    keeper.hand_on_again();
    if (auto push = definitions.push.lock())
      caf::anon_send(caf::actor_cast<definition_push_actor>(push), define_atom_v);
  });
  env->certificates = options.keys.recipients;
  caf::scoped_actor main{system};
  auto supervisor = spawn<supervisor_state>(system, env, *journal);
  main->monitor(supervisor);
  std::optional<definition_push_actor> push;
  std::optional<client_events_actor> client_events;
  if (self.role == role::server) {
    push = spawn_definition_push(system, in_force, supervisor, keeper, lists);
    definitions.push = caf::actor_cast<caf::weak_actor_ptr>(*push);
    client_events = spawn_client_events(system, in_force, supervisor, live.of_clients);
    live.client_events = caf::actor_cast<caf::weak_actor_ptr>(*client_events);
  }
  control_socket control{plane->context(),
                         {supervisor, in_force, users.get(), {}, {}, options.data, &definitions, &live},
                         [&system](control_services services, const std::string& line, control_reply reply) {
                           return serve_line(system, std::move(services), line, std::move(reply));
                         }};
  auto listening = control.listen(options.data);
  if (listening) {
    plane->on_signal([supervisor, client_events] {
      if (client_events)
        caf::anon_send_exit(*client_events, caf::exit_reason::user_shutdown); // its sessions end
      caf::anon_send(supervisor, stop_atom_v);
    });
    plane->start();
    spdlog::info("{} serves at {}", self.node, to_string(self.address));
    ready();
  } else {
    caf::anon_send(supervisor, stop_atom_v);
  }
  main->receive([](const caf::down_msg&) {});
  definitions.employ({});
  if (push) caf::anon_send_exit(*push, caf::exit_reason::user_shutdown);
  if (client_events) caf::anon_send_exit(*client_events, caf::exit_reason::user_shutdown);
  if (gateways) gateways->stop();
  plane->stop();
  runner->stop();
  control.stop();
  if (users) users->stop();
  spdlog::info("{} ended", self.node);
  return listening;
}

} // namespace hublink
