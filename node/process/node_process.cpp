#include "node/process/node_process.hpp"
#include "actors/node/node_actors.hpp"
#include "node/accounts/token_store.hpp"
#include "node/base/descriptor_limit.hpp"
#include "node/base/end_watch.hpp"
#include "node/base/process_runner.hpp"
#include "node/base/service_manager.hpp"
#include "node/base/spdlog_port.hpp"
#include "node/base/version.hpp"
#include "node/control/control_socket.hpp"
#include "node/events/client_events.hpp"
#include "node/events/event_folder.hpp"
#include "node/events/trace_reader.hpp"
#include "node/files/posix_store.hpp"
#include "node/gateway/gateway_io.hpp"
#include "node/journal/sqlite_journal.hpp"
#include "node/plane/io_plane.hpp"
#include "node/process/actor_config.hpp"
#include "node/process/alive_signs.hpp"
#include "node/process/definition_parts.hpp"
#include "node/process/event_outlets.hpp"
#include "node/process/fall_listener.hpp"
#include "node/process/fences.hpp"
#include "node/process/first_account.hpp"
#include "node/process/hangup.hpp"
#include "node/process/hung_end.hpp"
#include "node/process/kept_actor.hpp"
#include "node/process/machine.hpp"
#include "node/process/node_directory.hpp"
#include "node/process/node_log.hpp"
#include "node/process/own_identity.hpp"
#include "node/process/own_measures.hpp"
#include "node/process/own_renewal.hpp"
#include "node/process/privileges.hpp"
#include "node/process/supervision.hpp"
#include "node/process/upkeep.hpp"
#include "node/process/web_tls.hpp"
#include "node/requests/scram_login.hpp"
#include "node/requests/serve_request.hpp"
#include "node/requests/session_commands.hpp"
#include "node/requests/signer.hpp"
#include "node/requests/word_giver.hpp"
#include "node/trust/certificate_watch.hpp"
#include "node/web/web_node.hpp"

#include <spdlog/spdlog.h>

namespace hublink {

namespace {

/// Its members stand in the order in which a node starts; it ends in reverse.
class node_process {
 public:
  /// Throws `not_started`.
  explicit node_process(const node_options& options);
  /// Of what was applied nobody waits for the answers any more.
  ~node_process() { definitions_.services.dismiss_all(); }

  /// Until a signal, or the loss of a part without which there is no node.
  outcome<> serve(const std::function<void()>& ready);
  disk_pools_ptr disks() const { return disks_; } ///< they may outlive it

 private:
  std::function<std::int64_t()> steady_clock() const {
    return [time = time_.get()] { return time->now_ms(); };
  }
  upkeep_work own_files();
  void reload(); ///< what SIGHUP asks for
  event_folder_config events_config();
  bool is_server() const { return options_.self->role == role::server; }
  posix_store make_files() const;
  void put_newer_certificates_in_place();
  io_plane_config plane_config();
  std::unique_ptr<gateway_io> make_gateways();
  outcome<> open_web();
  environment_ptr make_environment();
  journal_actor spawn_journal();
  std::function<definition_push_actor()> definition_push_maker();
  std::function<client_events_actor()> client_events_maker();
  template <class Actor>
  std::function<Actor()> at_manager(Actor (*spawn)(caf::actor_system&, control_services)) {
    if (!supervision_.actors().services.sessions) return {};
    return [this, spawn] { return spawn(system_, services()); };
  }
  control_services services();
  void look_again_when_lists_change();

  end_watch watch_; ///< over all that may hang
  const node_options& options_;
  node_directory directory_;
  std::shared_ptr<spdlog::logger> log_;
  std::shared_ptr<const port_refusals> refusals_; ///< of a server; needs a right that is given up now
  std::shared_ptr<asio::ssl::context> web_tls_;   ///< its key may be readable by that right alone
  file_roots_ptr roots_;                          ///< what comes after it is held to them
  disk_pools_ptr disks_;                          ///< its threads have no more rights than that left
  spdlog_port actors_log_;
  std::unique_ptr<steady_time> time_;
  event_outlets outlets_;
  std::unique_ptr<event_folder> events_;
  posix_store files_;
  own_identity self_;
  definition_parts definitions_;
  upkeep upkeep_;

  // Some actors have last words for these when they have stopped already: they outlive the actor system.
  std::unique_ptr<io_plane> plane_;
  std::unique_ptr<gateway_io> gateways_; ///< a server's
  process_runner runner_;
  certificate_watch certificate_;
  hangup hangup_;
  std::shared_ptr<journal_store>
      journal_; ///< before the accounts, which are in the same file: it makes it private
  std::unique_ptr<accounts> accounts_; ///< a server's
  std::unique_ptr<token_store> tokens_;
  std::unique_ptr<password_stretcher> stretcher_; ///< a manager's
  session_commands commands_;                     ///< uses the actor system when the first command comes

  actor_config config_;
  caf::actor_system system_;
  environment_ptr env_;
  supervision supervision_;
  fall_listener falls_;
  alive_signs signs_;

  // Everything stops before the actor system ends: no message comes after that.
  stopped_at_end<accounts> accounts_stop_;
  stopped_at_end<password_stretcher> stretcher_stop_;
  stopped_at_end<session_commands> commands_stop_;
  control_socket control_;
  stopped_at_end<control_socket> control_stop_;
  stopped_at_end<process_runner> runner_stop_;
  stopped_at_end<io_plane> plane_stop_;
  stopped_at_end<gateway_io> gateways_stop_;
  kept_actor<client_events_actor> client_events_; ///< a server's
  kept_actor<definition_push_actor> push_;        ///< a server's
  actor_slot word_slot_;
  kept_actor<word_giver_actor> word_giver_; ///< a manager's
  actor_slot signer_slot_;
  kept_actor<signer_actor> signer_; ///< a manager's
  kept_actor<trace_reader_actor> traces_;
  std::unique_ptr<web_node> web_; ///< null: nothing is served over HTTP
  std::optional<kept_actor<own_renewal_actor>> renewal_;
};

node_process::node_process(const node_options& options)
    : options_(options), directory_(needed(node_directory::claim(options.data))),
      log_(start_log(options.data, options.self->node)),
      refusals_(options.self->proxy.enabled ? std::make_shared<const port_refusals>() : nullptr),
      web_tls_(web_tls_of(options)), roots_(held_to_roots(options)),
      disks_(std::make_shared<disk_pools>(std::filesystem::absolute(options.data).string())),
      time_(needed(steady_time::open(directory_.clock_file()))), outlets_(options),
      events_(needed(event_folder::open(events_config()))), files_(make_files()),
      self_(options.keys, options.data, options.self->node, options.self->role),
      definitions_(options, self_.live(), *events_, wall_clock), upkeep_(own_files()),
      plane_(needed(io_plane::make(plane_config()))), gateways_(make_gateways()),
      runner_(plane_->context(), std::filesystem::absolute(options.data), hidden_from_jobs(options)),
      certificate_(plane_->context(), definitions_.certificate,
                   [log = log_](const std::string& line) { log->warn("{}", line); }),
      hangup_(plane_->context(), [this] { reload(); }),
      journal_(needed(open_journal(directory_.journal_file(), steady_clock()))),
      accounts_(is_server() ? open_accounts(options, directory_.journal_file()) : nullptr),
      tokens_(needed(token_store::open(directory_.path(), unix_ms))),
      stretcher_(options.self->role == role::manager ? std::make_unique<password_stretcher>() : nullptr),
      commands_(system_, definitions_.in_force, accounts_.get(), tokens_.get(), options.data,
                &definitions_.services, &outlets_.live, &outlets_.counters),
      system_(config_), env_(make_environment()), supervision_(system_, env_, spawn_journal()),
      falls_(supervision_.supervisor()), signs_(plane_->context(), system_), accounts_stop_(accounts_.get()),
      stretcher_stop_(stretcher_.get()), commands_stop_(&commands_),
      control_(plane_->context(), services(),
               [this](control_services given, std::string line, control_reply reply) {
                 return serve_line(system_, std::move(given), std::move(line), std::move(reply));
               }),
      control_stop_(&control_), runner_stop_(&runner_), plane_stop_(plane_.get()),
      gateways_stop_(gateways_.get()),
      client_events_(system_, client_events_maker(), outlets_.live.client_events),
      push_(system_, definition_push_maker(), definitions_.services.push),
      word_giver_(system_, at_manager(spawn_word_giver), word_slot_),
      signer_(system_, at_manager(spawn_signer), signer_slot_),
      traces_(
          system_, [this] { return spawn_trace_reader(system_, directory_.events_folder()); },
          outlets_.live.trace_reader) {
  outlets_.counters.measure_by(own_measures(files_, accounts_.get(), options.keys.ca_path));
  commands_.serve(supervision_.actors());
  look_again_when_lists_change();
  auto listening = control_.listen(options.data);
  if (auto web = listening ? open_web() : outcome<>{}; !web) listening = web;
  if (!listening) {
    supervision_.stop();
    throw not_started{listening.error()};
  }
  put_newer_certificates_in_place();
}

void node_process::put_newer_certificates_in_place() {
  auto warn = [log = log_](const failure& why) { log->warn("{}", why.text); };
  self_.serve([this, warn](const auto& pair) { plane_->renew(pair, warn); });
  if (gateways_) self_.serve([this, warn](const auto& pair) { gateways_->renew(pair, warn); });
  if (web_tls_ && options_.web.web->certificate.empty())
    self_.serve([this, warn](const auto& pair) { web_->renew(pair, warn); });
  const renewal_parts parts{.self = self_,
                            .certificate = definitions_.certificate,
                            .plane = *plane_,
                            .events = *events_,
                            .here = options_.here};
  auto spawn = [this, parts] { return spawn_own_renewal(system_, parts, services()); };
  renewal_.emplace(system_, spawn, definitions_.services.renewal);
}

outcome<> node_process::serve(const std::function<void()>& ready) {
  plane_->on_signal([supervisor = supervision_.supervisor(), end_client_events = client_events_.end()] {
    end_client_events(); // its sessions end
    caf::anon_send(supervisor, stop_atom_v);
  });
  watch_.watch_signals();
  plane_->start();
  auto in_force = definitions_.keeper.version();
  log_->info("{} serves at {}: {} of network {}, hublink {}, {}", options_.self->node,
             to_string(options_.self->address), to_string(options_.self->role), options_.self->network,
             version(),
             in_force ? "definition " + std::to_string(in_force) : "definition of the topology file");
  asio::post(plane_->context(), [this] {
    certificate_.look();
    signs_.begin();
  });
  ready();
  service_manager::tell_ready();
  supervision_.wait();
  service_manager::tell_stopping();
  watch_.begin();
  if (auto lost = falls_.lost()) return *lost;
  return {};
}

posix_store node_process::make_files() const {
  posix_store files{options_.data.string(), roots_, options_.arrivals, disks_};
  if (is_server()) files.use_spools(options_.self->limits.spool_bytes);
  return files;
}

event_folder_config node_process::events_config() {
  return {.data = directory_.path(),
          .node = options_.self->node,
          .wall_clock = wall_clock,
          .steady_ms = steady_clock(),
          .live = &outlets_.live.own,
          .noted = outlets_.noted(),
          .lost = [this](std::uint64_t count) { outlets_.counters.note_lost(count); }};
}

upkeep_work node_process::own_files() {
  return {.time = time_.get(),
          .events = events_.get(),
          .keep = [this] { return std::chrono::hours{24} * definitions_.in_force.now()->limits.keep_days; },
          .reopen_log = [log = log_] { reopen_log(*log); },
          .warnings = definitions_.services.warnings,
          .warn = [log = log_](const std::string& line) { log->warn("{}", line); }};
}

void node_process::reload() {
  upkeep_.reopen();
  system_.spawn<caf::detached>([this](caf::event_based_actor*) { // it reads and writes files
    auto list = read_small_file(options_.keys.crl_path);
    auto taken = list ? definitions_.lists.take(*list) : list.error();
    if (!taken) log_->warn("{}: {}", options_.keys.crl_path, taken.error().text);
  });
}

io_plane_config node_process::plane_config() {
  io_plane_config config;
  config.where = options_.here->listen;
  config.dialling = dialling_of(*options_.here);
  config.own = self_.of_links();
  config.incarnation = random_number();
  config.limits = options_.self->limits;
  config.enrolments = definitions_.services.desk;
  config.disks = disks_;
  config.self = definitions_.in_force;
  config.warn_of_system = [log = log_](const std::string& line) { log->warn("{}", line); };
  config.warn = [log = log_](const std::string& line) { log->info("{}", line); };
  return config;
}

std::unique_ptr<gateway_io> node_process::make_gateways() {
  if (!is_server()) return {};
  return needed(gateway_io::make(
      {.self = options_.here, .own = self_.of_links(), .data = options_.data.string(), .refusals = refusals_},
      *plane_));
}

outcome<> node_process::open_web() {
  if (!options_.web.web && !options_.web.metrics) return {};
  auto made = web_node::make(options_.web, web_tls_, system_, services());
  if (!made) return made.error();
  web_ = std::move(*made);
  return {};
}

environment_ptr node_process::make_environment() {
  const auto& keys = options_.keys;
  // Made in place: of a copy from a temporary GCC 12 warns falsely.
  std::shared_ptr<environment> env(new environment{definitions_.in_force, *plane_, *events_, actors_log_,
                                                   files_, self_.live(), keys.ca, wall_clock, random_number,
                                                   steady_clock()});
  env->jobs = options_.jobs;
  env->runner = &runner_;
  env->commands = &commands_;
  env->gateways = gateways_.get();
  env->certificates = keys.recipients;
  env->neighbour_came = [this](const std::string& peer, std::uint64_t incarnation) {
    if (auto push = definitions_.services.push.lock())
      caf::anon_send(caf::actor_cast<definition_push_actor>(push), neighbour_atom_v, peer, incarnation);
  };
  return env;
}

journal_actor node_process::spawn_journal() {
  return spawn_sqlite_journal(
      system_, journal_, wall_clock, steady_clock(), std::chrono::hours{24} * options_.self->limits.keep_days,
      [this](std::chrono::steady_clock::duration took) { outlets_.counters.note_commit(took); });
}

std::function<definition_push_actor()> node_process::definition_push_maker() {
  if (!is_server()) return {};
  return [this] {
    return spawn_definition_push(system_, definitions_.in_force, supervision_.supervisor(),
                                 definitions_.keeper, definitions_.lists, definitions_.known);
  };
}

std::function<client_events_actor()> node_process::client_events_maker() {
  if (!is_server()) return {};
  return [this] {
    return spawn_client_events(system_, definitions_.in_force, supervision_.supervisor(),
                               outlets_.live.of_clients);
  };
}

control_services node_process::services() {
  control_services services{.supervisor = supervision_.supervisor(),
                            .node = supervision_.actors().services,
                            .self = definitions_.in_force};
  services.users = accounts_.get();
  services.tokens = tokens_.get();
  services.counters = &outlets_.counters;
  services.lines = [&plane = *plane_] { return plane.lines(); };
  if (stretcher_) {
    services.logins_telling = [&stretcher = *stretcher_](std::string user,
                                                         std::shared_ptr<const hublink::secret> secret,
                                                         login_told told) {
      return make_logins(std::move(user), std::move(secret), stretcher, std::move(told));
    };
    services.stretch = std::bind_front(&password_stretcher::stretch, stretcher_.get());
    services.logins = [make = services.logins_telling](auto user, auto secret) {
      return make(std::move(user), std::move(secret), {});
    };
  }
  services.data = options_.data;
  services.listens = options_.here->listen;
  services.definitions = &definitions_.services;
  services.events = &outlets_.live;
  services.disks = disks_.get();
  return services;
}

void node_process::look_again_when_lists_change() {
  definitions_.lists.on_change([this] {
    plane_->recheck();
    if (gateways_) gateways_->recheck();
    definitions_.keeper.hand_on_again();
    if (auto push = definitions_.services.push.lock())
      caf::anon_send(caf::actor_cast<definition_push_actor>(push), define_atom_v);
  });
}

} // namespace

outcome<> run_node(const node_options& options, const std::function<void()>& ready) {
  raise_descriptor_limit(); // thousands of circuits need more than the usual 1,024
  disk_pools_ptr disks;
  try {
    auto node = std::make_unique<node_process>(options);
    disks = node->disks();
    auto served = node->serve(ready);
    node.reset();
    if (!served) return served;
  } catch (const not_started& kept) {
    return kept.why;
  }
  spdlog::info("{} ended", options.self->node);
  if (disks->is_abandoned()) end_process_without(*disks, options.self->node);
  return {};
}

} // namespace hublink
