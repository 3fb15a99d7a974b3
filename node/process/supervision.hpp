#pragma once
/// How a node's parts end in order.
#include "actors/base/atoms.hpp"
#include "actors/node/node_actors.hpp"

#include <caf/all.hpp>

#include <utility>

namespace hublink {

/// Stops what has to outlive others: it works no more from here on, and is there still.
template <class T>
class stopped_at_end {
 public:
  explicit stopped_at_end(T* worker) : worker_(worker) {}
  ~stopped_at_end() {
    if (worker_) worker_->stop();
  }
  stopped_at_end(const stopped_at_end&) = delete;

 private:
  T* worker_; ///< null: this node has none
};

/// The node's actors, and this thread that waits for their supervisor's end.
class supervision {
 public:
  supervision(caf::actor_system& system, const environment_ptr& env, journal_actor journal)
      : waiting_(system), actors_(spawn_node(system, env, std::move(journal))) {
    waiting_->monitor(actors_.supervisor);
  }
  ~supervision() {
    if (!ended_) stop();
  }

  const node_actors& actors() const { return actors_; }
  const supervisor_actor& supervisor() const { return actors_.supervisor; }
  void stop() {
    caf::anon_send(actors_.supervisor, stop_atom_v);
    wait();
  }
  void wait() {
    waiting_->receive([](const caf::down_msg&) {});
    ended_ = true;
  }

 private:
  caf::scoped_actor waiting_;
  node_actors actors_;
  bool ended_ = false;
};

} // namespace hublink
