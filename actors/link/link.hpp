#pragma once
/// The link to one neighbour; see docs/internals/link.md.
#include "actors/base/peer_share.hpp"
#include "actors/link/asked_opens.hpp"
#include "actors/link/asker_book.hpp"
#include "actors/link/link_dialler.hpp"
#include "actors/link/link_log.hpp"
#include "actors/link/peer_connections.hpp"
#include "actors/link/twin_watch.hpp"
#include "actors/ports/environment.hpp"

#include <optional>

namespace hublink {

struct link_config : link_terms {
  std::string peer;
  hublink::role peer_role = role::server;
};

class link_state {
 public:
  using actor_type = link_actor;
  static inline const char* name = "link";

  explicit link_state(link_actor::stateful_pointer<link_state> self) : self_(self) {}
  ~link_state(); ///< children end with it
  link_actor::behavior_type start(environment_ptr env, link_config config, local_hop_actor local,
                                  address_finder_actor addresses, return_watcher_actor returns);

 private:
  using clock = std::chrono::steady_clock;

  clock::time_point now() const { return self_->clock().now(); }
  void log(log_level level, std::string what) { log_.write(level, std::move(what), now()); }
  void fall(const caf::error& why);
  /// Why it may not ask for a circuit more.
  std::optional<failure> watch(const caf::strong_actor_ptr& asker, const open& request);
  void ask(open request, answer_promise<opened> reply);
  void ask_for_life(peer_connection& over);
  /// It does not answer, and somebody's request is there to find out whether it does again.
  bool has_its_probe(const peer_connection& over);
  /// It does not answer, so that other hops are tried before it.
  bool notes_silence(const peer_connection& over);
  /// Then it is asked whether it lives.
  std::chrono::milliseconds longest_quiet(const peer_connection& over) const;
  /// Dials a link that is kept, if it is down.
  void keep_up() {
    if (config_.keep) come_up();
  }
  void come_up();
  void tell_returned(const transfer_id& transfer);
  void came_up(const link_up& up);
  void welcome(const link_up& up);
  void replace_by_newcomer();
  void refuse_newcomer();
  void went_down(link_id id, const failure& why);
  void tell_lost(const failure& why);
  /// The peer is no neighbour any more: all connections end.
  void part();
  void receive(link_id id, const link_message& message);
  void serve(link_id id, const open_request& request);
  void settle_rivals();
  void close_drained();
  void tick();
  void behave(const link_terms& terms);
  void close_if_idle();
  void schedule_tick();
  void redial_later();
  bool pending_on(const peer_connection& connection) const;

  link_actor::stateful_pointer<link_state> self_;
  environment_ptr env_;
  link_config config_;
  local_hop_actor local_;
  link_dialler dialler_;
  return_watcher_actor returns_;
  peer_connections connections_;
  twin_watch twins_;
  std::uint64_t last_incarnation_ = 0; ///< of the peer's process
  bool noted_silent_ = false;          ///< by this one, while a connection is up
  asked_opens asked_;
  asker_book askers_;
  std::uint64_t lost_ = 0; ///< as `link_status` has it
  peer_share answered_;    ///< opens of the peer that wait for their answer
  link_log log_;
  clock::time_point used_;
  bool ticking_ = false;
  std::optional<clock::time_point> unwanted_since_;
  bool turned_away_ = false; ///< by the peer, which has another process of this node's name
};

} // namespace hublink
