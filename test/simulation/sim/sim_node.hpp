#pragma once
/// One node of a simulated network: its actors, plane, disk and journal, through any number of crashes.
#include "simulation/network/event_trace.hpp"
#include "simulation/sim/key_ring.hpp"
#include "simulation/sim/sim_commands.hpp"
#include "simulation/sim/sim_disk.hpp"
#include "simulation/sim/sim_gateways.hpp"
#include "simulation/sim/sim_jobs.hpp"
#include "simulation/sim/sim_journal.hpp"
#include "simulation/sim/sim_log.hpp"
#include "simulation/sim/sim_plane.hpp"

#include "protocol/trust/live_identity.hpp"

#include <memory>
#include <vector>

namespace hublink::sim {

class sim_node {
 public:
  sim_node(network& net, event_trace& events, application_book& applications, definition self);

  const std::string& name() const { return self_->node; }
  const definition& self() const { return *self_; }
  sim_disk& disk() { return disk_; }
  sim_journal& journal() { return journal_; }
  sim_jobs& runner() { return runner_; }
  const sim_log& log() const { return log_; }

  void start();
  /// Network, disk and journal die in one moment, then the actors are ended. `tell_peers`: see
  /// `network::crash`.
  void crash(bool tell_peers);
  bool running() const { return running_; }
  int crashes() const { return crashes_; }

  /// That one is in force, now and at every later start.
  void define(definition next);
  /// An application connects to its gateway's listener here; refused where nobody listens.
  void connect(std::uint64_t application);
  /// That peer's certificate is on the list, from now on.
  void revoke(const std::string& peer);
  /// It has another certificate with another key, from now on; what was sealed for those before opens still.
  void renew_certificate();
  /// Its wall clock is set so far from the right time, from now on.
  void set_clock(duration offset) { clock_offset_ = journal_.clock_offset = offset; }
  /// By its clock the certificates of these peers don't count, from now on in this life.
  void distrust(std::set<std::string> peers) { lives_.back()->plane.distrust(std::move(peers)); }

  /// Of the present life; nothing may be asked of a node that is not running.
  const supervisor_actor& supervisor() const { return actors_->supervisor; }
  const node_services& actors() const { return actors_->services; }
  /// Of a node that takes definitions: for a command of its own operator.
  control_services services() { return lives_.back()->definitions->services({}); }
  sim_gateways& gateways() { return lives_.back()->gateways; }
  /// In force now.
  definition_ptr current() const { return lives_.back()->in_force.now(); }
  std::size_t circuits() const { return running_ ? lives_.back()->plane.circuits() : 0; }
  std::size_t links() const { return running_ ? lives_.back()->plane.links() : 0; }

  std::uint32_t chunk_size = default_chunk;
  std::chrono::milliseconds open_budget{10'000};
  job_table jobs;
  link_timing timing;
  std::filesystem::path definitions; ///< where it keeps those that are applied; empty: it takes none

 private:
  struct life {
    life(network& net, event_trace& into, application_book& book, const hello& self, definition_ptr first)
        : plane(net, self), gateways(net, plane, book, first), events(into, self.name),
          in_force(std::move(first)) {}
    sim_plane plane;
    sim_gateways gateways;
    node_events events;
    live_definition in_force;
    std::unique_ptr<sim_definitions> definitions;
    std::unique_ptr<file_store> files;
  };

  network& net_;
  event_trace& events_;
  application_book& applications_;
  std::shared_ptr<const identity> newest_identity() const;

  std::set<std::string> revoked_;
  int renewed_ = 0;
  live_identity id_;
  definition_ptr self_;
  sim_commands commands_{net_.in(), self_->node};
  sim_disk disk_;
  sim_journal journal_;
  sim_jobs runner_;
  sim_log log_;
  std::vector<std::unique_ptr<life>>
      lives_; ///< the dead ones too: their actors' last words must find somebody
  std::optional<node_actors> actors_;
  duration clock_offset_{};
  bool running_ = false;
  int crashes_ = 0;
};

} // namespace hublink::sim
