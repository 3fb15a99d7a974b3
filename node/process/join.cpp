#include "node/process/join.hpp"
#include "actors/base/spawn.hpp"
#include "actors/management/session.hpp"
#include "actors/node/node_actors.hpp"
#include "node/base/end_watch.hpp"
#include "node/base/json_text.hpp"
#include "node/base/small_file.hpp"
#include "node/base/spdlog_port.hpp"
#include "node/base/steady_time.hpp"
#include "node/control/answer_shapes.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"
#include "node/definition/definition_keeper.hpp"
#include "node/events/event_folder.hpp"
#include "node/files/posix_store.hpp"
#include "node/journal/sqlite_journal.hpp"
#include "node/plane/io_plane.hpp"
#include "node/process/node_log.hpp"
#include "node/trust/revocations.hpp"

#include <openssl/rand.h>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds first_retry = 500ms, longest_retry = 10s;
constexpr std::chrono::seconds answer_limit{20};
constexpr std::chrono::hours keep_transfers{24 * 30}; // there are none, unless the node served earlier

std::chrono::system_clock::time_point now_here() { return std::chrono::system_clock::now(); }

std::uint64_t random_id() {
  std::uint64_t value = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value);
  return value;
}

/// Who only asks: like a manager it has a home, the node at the address, whatever its name is.
definition_ptr asking_definition(const join_options& options) {
  auto made = std::make_shared<definition>();
  made->node = options.node;
  made->role = role::manager;
  made->home_address = options.where;
  return made;
}

io_plane_config asking_plane(const join_options& options) {
  const auto& keys = options.keys;
  io_plane_config config;
  config.own = {options.node,  keys.id->role(), keys.ca_path, keys.cert_path,
                keys.key_path, keys.crl_path,   keys.ca};
  config.incarnation = random_id();
  config.listens = false;
  config.warn = [](const std::string&) {};
  return config;
}

class joiner {
 public:
  joiner(const join_options& options, caf::actor_system& system, environment_ptr env, journal_actor journal)
      : options_(options), system_(system), env_(std::move(env)), self_(system),
        actors_(spawn_node(system, env_, std::move(journal))) {}
  ~joiner() { caf::anon_send(actors_.supervisor, stop_atom_v); }

  /// For a signal's handler.
  caf::weak_actor_ptr handle() const { return caf::weak_actor_ptr{self_->ctrl()}; }

  outcome<> run() {
    for (auto pause = first_retry;; pause = std::min(2 * pause, longest_retry)) {
      auto got = ask_once();
      if (got || got.error().code == errc::cancelled) return got;
      if (told_ != got.error().text) options_.waits(got.error());
      told_ = got.error().text;
      bool ended = false;
      self_->receive([&](stop_atom) { ended = true; }, caf::after(pause) >> [] {});
      if (ended) return cancelled();
    }
  }

 private:
  failure cancelled() const {
    return {errc::cancelled, options_.node, "ended before there was a definition"};
  }

  outcome<> ask_once() {
    auto session = spawn<session_state>(
        system_, env_, hop_services{actors_.supervisor, actors_.services.resolver}, std::string{});
    auto answer = fetch(session);
    caf::anon_send(session, logout_atom_v);
    return answer ? keep(*answer) : answer.error();
  }

  outcome<json> fetch(const session_actor& session) {
    outcome<json> got{errc::timed_out, to_string(options_.where) + " gives no answer"};
    bool in = false;
    self_->request(session, answer_limit, login_atom_v, login_order{})
        .receive([&] { in = true; }, [&](const caf::error& no) { got = to_failure(no, options_.node); });
    if (!in) return got;
    self_->send(session, command_atom_v, to_line({{"verb", "fetch"}}), std::uint64_t(0),
                caf::actor_cast<reply_sink>(caf::strong_actor_ptr{self_->ctrl()}));
    self_->receive([&](const command_reply& reply) { got = read(reply); },
                   [&](stop_atom) { got = cancelled(); }, caf::after(answer_limit) >> [] {});
    return got;
  }

  static outcome<json> read(const command_reply& reply) {
    if (reply.why) return *reply.why;
    auto answer = read_answer(reply.line, answers::fetch, reply.target);
    if (!answer) return answer.error();
    if (auto why = failure_in(*answer, reply.target)) return *why;
    if (answer->contains("definition")) return answer;
    return failure{errc::bad_message, reply.target, "an answer without a definition"};
  }

  outcome<> keep(const json& answer) {
    auto list = read_small_file(options_.keys.crl_path);
    if (!list) return list.error();
    revocations lists{options_.keys.ca, *list, options_.data};
    if (auto opened = lists.open(); !opened) return opened;
    if (auto taken = lists.take(field_text(answer, "list")); !taken) return taken.error();
    known_newest known{options_.data, options_.keys.id, options_.keys.ca, now_here};
    if (auto opened = known.open(); !opened) return opened;
    known.note_list(lists.number());
    if (auto word = from_hex(field_text(answer, "word")); word && !word->empty())
      if (auto heard = known.hear(*word, {}); !heard) return heard;
    auto signed_one = from_hex(field_text(answer, "definition"));
    if (!signed_one) return {errc::bad_message, "a definition that can't be read"};
    definition as_certified;
    as_certified.node = options_.node;
    as_certified.role = options_.keys.id->role();
    definition_keeper keeper{std::make_shared<const definition>(std::move(as_certified)),
                             options_.data,
                             options_.keys.ca,
                             known,
                             env_->events,
                             now_here};
    auto taken = keeper.take(*signed_one, to_string(options_.where), [](const definition_ptr&) {});
    return taken ? outcome<>{} : taken.error();
  }

  const join_options& options_;
  caf::actor_system& system_;
  environment_ptr env_;
  caf::scoped_actor self_;
  node_actors actors_;
  std::string told_; ///< the last reason
};

} // namespace

outcome<> join_network(const join_options& options) {
  std::error_code problem;
  std::filesystem::create_directories(options.data, problem);
  start_log(options.data, options.node);
  auto steady = steady_time::open(options.data / "clock.json");
  if (!steady) return steady.error();
  auto steady_ms = [&count = **steady] { return count.now_ms(); };
  auto events = event_folder::open({options.data, options.node, now_here, steady_ms});
  if (!events) return events.error();
  posix_store files{options.data.string(),
                    std::make_shared<const file_roots>(file_rules{.data = options.data.string()})};
  spdlog_port log;
  std::unique_ptr<io_plane> plane;
  caf::actor_system_config config;
  caf::actor_system system{config};
  auto made = io_plane::make(asking_plane(options));
  if (!made) return made.error();
  plane = std::move(*made);
  auto store = open_journal(options.data / "journal.sqlite", steady_ms);
  if (!store) return store.error();
  auto journal = spawn_sqlite_journal(system, std::move(*store), now_here, steady_ms, keep_transfers);
  // Made in place: of a copy from a temporary GCC 12 warns falsely.
  std::shared_ptr<environment> env(new environment{asking_definition(options), *plane, **events, log, files,
                                                   options.keys.id, options.keys.ca, now_here, random_id,
                                                   steady_ms});
  joiner attempt{options, system, env, journal};
  end_watch watch;
  plane->on_signal([who = attempt.handle()] {
    if (auto alive = who.lock()) caf::anon_send(caf::actor_cast<caf::actor>(alive), stop_atom_v);
  });
  watch.watch_signals();
  plane->start();
  auto joined = attempt.run();
  plane->stop();
  return joined;
}

} // namespace hublink
