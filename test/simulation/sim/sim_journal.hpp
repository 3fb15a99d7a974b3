#pragma once
/// A node's journal in memory: group commit after a drawn delay, answers only after it. A crash keeps what
/// was committed; the commit that is under way counts as made or not, by chance, and nobody is told.
#include "actors/node/node_interface.hpp"
#include "simulation/network/world.hpp"
#include "simulation/sim/journal_rows.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace hublink::sim {

class sim_journal {
 public:
  sim_journal(world& in, std::string node) : world_(in), node_(std::move(node)) {}

  duration clock_offset{};        ///< of the node's wall clock
  unsigned failing = 0, slow = 0; ///< out of 1,000 commits; a slow one takes up to a second
  /// What is safe.
  const journal_rows& durable() const { return durable_; }

  /// A row as somebody puts it there who means no good: durable at once.
  void plant(const transfer_record& record);
  /// The actor of one life of the node.
  journal_actor start();
  /// Call it in the moment in which the node dies.
  void crash();

 private:
  friend class journal_state;
  using waiting_answer = std::function<void(const std::optional<failure>&)>;

  /// Does it to the present rows; to the durable ones it is done by the commit, which thus copies no rows.
  template <class Change>
  auto change(Change what) {
    auto at = world_.steady_ms();
    uncommitted_.emplace_back([what, at](journal_rows& rows) {
      rows.steady_ms = at;
      static_cast<void>(what(rows));
    });
    now_.steady_ms = at;
    return what(now_);
  }
  void plan_commit(const journal_actor& whom);
  void commit();
  void make_durable();

  world& world_;
  std::string node_;
  journal_rows now_, durable_;
  std::vector<std::function<void(journal_rows&)>> uncommitted_; ///< what `durable_` lacks
  std::vector<waiting_answer> answers_;                         ///< of the commit under way
  bool planned_ = false;
};

} // namespace hublink::sim
