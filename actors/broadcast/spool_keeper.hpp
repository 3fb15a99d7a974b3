#pragma once
/// Keeps a server's broadcasts beyond their circuits, see `spool_keeper_actor`.
#include "actors/base/answer_promise.hpp"
#include "actors/base/current_work.hpp"
#include "actors/broadcast/broadcast_interface.hpp"
#include "actors/broadcast/broadcast_table.hpp"
#include "actors/broadcast/store_rounds.hpp"
#include "actors/circuit/far_side.hpp"

namespace hublink {

class spool_keeper_state {
 public:
  using actor_type = spool_keeper_actor;
  static inline const char* name = "spool_keeper";

  explicit spool_keeper_state(spool_keeper_actor::stateful_pointer<spool_keeper_state> self) : self_(self) {}
  ~spool_keeper_state(); ///< what it spawned ends with it
  spool_keeper_actor::behavior_type start(environment_ptr env, hop_services services,
                                          spool_journal_actor journal);

 private:
  struct resumed_point {
    broadcast_point_actor actor;
    current_work::piece work;
  };

  void take_up(std::vector<spool_record> kept);
  void look_after();
  void serve_store();
  void ask(const broadcast& entry);
  void serve_alone(const transfer_key& transfer);
  caf::result<stored_transfer> deliver(const transfer_id& transfer);
  bool drop_if_old(const broadcast& entry);
  void recall(const std::shared_ptr<broadcast>& entry);
  void drop(const transfer_key& transfer);
  void answer_early();
  std::vector<stored_transfer> rows() const;
  /// With its end by the wall clock.
  stored_transfer as_shown(stored_transfer row) const;

  spool_keeper_actor::stateful_pointer<spool_keeper_state> self_;
  environment_ptr env_;
  hop_services services_;
  spool_journal_actor journal_;
  std::vector<resumed_point> resumed_;
  std::vector<recaller_actor> recallers_;
  std::optional<store_rounds> store_;
  bool recovered_ = false;                                          ///< or it could not be
  std::vector<answer_promise<std::vector<stored_transfer>>> early_; ///< asked what is stored before that
};

} // namespace hublink
