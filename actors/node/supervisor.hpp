#pragma once
/// Finds the link to a neighbour, starts and ends the node in order.
#include "actors/base/answer_promise.hpp"
#include "actors/link/return_book.hpp"
#include "actors/node/local_hop.hpp"
#include "actors/node/node_interface.hpp"

#include <functional>
#include <map>
#include <vector>

namespace hublink {

class supervisor_state {
 public:
  using actor_type = supervisor_actor;
  static inline const char* name = "supervisor";

  explicit supervisor_state(supervisor_actor::stateful_pointer<supervisor_state> self) : self_(self) {}
  supervisor_actor::behavior_type start(environment_ptr env);

 private:
  void begin(const node_services& with);
  void finish_publications();
  /// Journals it as done, and writes `received` if it was a transfer of ours.
  void commit(const publication& what);
  void take_up_spools();
  void start_serving();
  /// So that its home server knows that it is back.
  void show_at_home();
  void tell_returned(const std::vector<return_book::asker>& askers);
  void drop_abandoned_receives();
  std::int64_t keep_partial_ms() const;
  void drop(transfer_record record);
  void note_lost_content(const publication& what);
  /// Then, or after a while, calls `then`.
  void discard_partial(const transfer_record& record, std::function<void()> then);
  caf::result<transfer_record> cancel(const transfer_id& transfer);
  /// Puts it in force, and lets everybody know.
  void take_up(const definition_ptr& next);
  link_terms terms_of(const std::string& peer, role peer_role) const;
  link_actor link_to(const std::string& peer, role peer_role);
  caf::result<hop_actor> find_hop(const std::string& peer, const endpoints& where);
  caf::result<ping_report> ping(const ping_order& order);
  caf::result<load_report> load(const load_order& order);
  caf::result<node_status> status();
  void stop();
  hop_services hops() const { return {hop_finder_actor{supervisor_actor{self_}}, with_.resolver}; }

  supervisor_actor::stateful_pointer<supervisor_state> self_;
  environment_ptr env_;
  node_services with_;
  disk_desk disks_;
  bool takes_up_ = false;                                    ///< spools, then it serves
  drainer_actor drainer_;                                    ///< once it is drained
  std::map<std::pair<std::string, role>, link_actor> links_; ///< a name may get another role by a definition
};

} // namespace hublink
