#pragma once
/// What every actor of a node is given: the ports to the world outside, and what the node's actors share.
#include "actors/definition/jobs.hpp"
#include "actors/definition/live_definition.hpp"
#include "actors/ports/data_plane.hpp"
#include "actors/ports/event_log.hpp"
#include "actors/ports/log_port.hpp"
#include "protocol/transfer/transfer_ends.hpp"
#include "protocol/trust/live_identity.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace hublink {

class broadcast_table;
class command_service;
class current_work;
class gateway_plane;
class job_runner;
class load_slot;
class active_opens;
class receive_turns;
class receive_watch;
class return_book;
class share_pool;
class silent_hops;

/// How a link watches over itself.
struct link_timing {
  std::chrono::milliseconds beat_every{5'000};  ///< silent so long: ask
  std::chrono::milliseconds beat_limit{15'000}; ///< silent so long: dead
  std::chrono::milliseconds idle_limit{60'000}; ///< unused so long: close
  std::chrono::milliseconds redial_first{200},
      redial_limit{30'000}; ///< kept links: doubled each time, jittered
  std::chrono::milliseconds farewell{
      20'000}; ///< what the definition grants no more may still come to its end
};

/// Holds no actor handle. Outlives the actors.
struct environment {
  live_definition self;
  data_plane& plane;
  event_log& events;
  log_port& log;
  file_store& files;
  live_identity id;
  std::shared_ptr<const trust> ca;
  std::function<std::chrono::system_clock::time_point()> wall_clock;
  std::function<std::uint64_t()> random; ///< thread-safe; injected, so that a simulation replays
  /// Milliseconds by the node's own count, which goes on through restarts and which nobody can set: all that
  /// waits, is tried again or is deleted goes by it. `wall_clock` is for what is shown, and for certificates.
  std::function<std::int64_t()> steady_time;
  std::chrono::milliseconds open_budget{10'000};
  link_timing timing{};
  command_service* commands = nullptr; ///< executes what sessions ask for; none: there are no sessions here
  std::uint32_t chunk_size = default_chunk;
  job_table jobs{};
  job_runner* runner = nullptr;      ///< needed where there are jobs
  gateway_plane* gateways = nullptr; ///< null: this node has no proxy function
  /// Hears of each link of a neighbour that comes up; another incarnation is another start of its process.
  std::function<void(const std::string& peer, std::uint64_t incarnation)> neighbour_came =
      [](const std::string&, std::uint64_t) {};
  std::map<std::string, bytes>
      certificates{}; ///< DER, of the recipients of this node's broadcasts; not checked

  // What the node's actors share; the supervisor makes it.
  std::shared_ptr<current_work> work{};
  std::shared_ptr<active_opens> opens{};
  std::shared_ptr<silent_hops> silent{};
  std::shared_ptr<return_book> returns{};
  std::shared_ptr<load_slot> loads{};
  std::shared_ptr<receive_watch> receives{};
  std::shared_ptr<receive_turns> turns{};
  std::shared_ptr<broadcast_table> broadcasts{};
  std::shared_ptr<share_pool> spools{};        ///< that there are at all, by their senders
  std::shared_ptr<share_pool> sessions{};      ///< of management that end here, by the other end's name
  std::shared_ptr<share_pool> command_bytes{}; ///< of lines whose last part has not come, by the same
};
using environment_ptr = std::shared_ptr<environment>;

} // namespace hublink
