#pragma once
/// The part of an actor that opens a circuit and lets something run in it: the far side, the circuit's number
/// once it stands, and what the plane tells of it. The next attempt of the same actor takes the place of the
/// last one.
///
/// made → stands → ended, or made → failed. `closed` is written when it has ended.
#include "actors/circuit/far_side.hpp"
#include "actors/circuit/near_side.hpp"

#include <functional>
#include <optional>
#include <utility>

namespace hublink {

/// What an origin's actor does about its circuit; what it leaves out is nothing to it.
struct circuit_handlers {
  std::function<void(const ended&)> conclude; ///< it stood, and is over; `closed` is written
  std::function<void(const progressed&)> progress{};
  std::function<void(const consulted&)> consult{};
  std::function<void(const hop_lost&)> lost{}; ///< instead of closing what was made over that hop
  bool closed_names_hop = false;               ///< where several circuits of this node carry one transfer
};

/// A member of `State`, whose actor is an `Actor`: a `circuit_owner`.
template <class Actor, class State>
class circuit_origin {
 public:
  using pointer = typename Actor::template stateful_pointer<State>;
  using opener = far_side<pointer>;
  using ready = typename opener::ready;
  using done_handler = typename opener::done_handler;

  circuit_origin(pointer self, environment_ptr env, hop_services services)
      : self_(self), env_(std::move(env)), services_(std::move(services)) {}
  circuit_origin(const circuit_origin&) = delete; // its handlers know its address

  /// The actor's behaviour: what the plane tells, and `own`.
  template <class... Own>
  typename Actor::behavior_type behavior(circuit_handlers handlers, Own... own) {
    handlers_ = std::move(handlers);
    return {
        [this](const attached& got) {
          if (far_) far_->on_attached(got.circuit);
        },
        [this](const progressed& now) {
          if (handlers_.progress) handlers_.progress(now);
        },
        [this](const consulted& asked) {
          handlers_.consult ? handlers_.consult(asked) : refuse_question(*env_, asked);
        },
        [this](const ended& what) { end(what); },
        [this](const hop_lost& lost) {
          if (handlers_.lost) return handlers_.lost(lost);
          if (stands_on(lost)) close(lost.why);
        },
        std::move(own)...,
    };
  }

  /// For what this node itself wants. `done` gets the circuit, with its far side attached, or why there is
  /// none.
  void make(const open& request, done_handler done) {
    make(request, plan_origin(env_->self.now(), request), std::move(done));
  }
  /// The same, for an `open` that came with its plan: its destination not yet rewritten for the next hop.
  void make(const open& request, const way_plan& plan, done_handler done,
            const std::optional<event::told>& untold = {}) {
    renew(request);
    if (untold) far_->hold_events(*untold);
    far_->start(request, plan, remembered(std::move(done)));
  }
  /// The same, where the hops to try are known already.
  void make_over(const open& request, std::vector<hop_choice> ways, done_handler done) {
    renew(request);
    far_->start_with(request, std::move(ways), remembered(std::move(done)));
  }

  /// 0 until the last one that was made stands.
  circuit_id circuit() const { return circuit_; }
  /// The neighbour that was asked last; empty: nobody was.
  std::string hop() const { return far_ ? far_->hop() : std::string{}; }
  bool stands() const { return stands_; }
  bool stands_on(const hop_lost& lost) const { return stands_ && far_->stands_on(lost); }
  /// `conclude` follows if it stands.
  void close(const failure& why) { env_->plane.close(circuit_, why); }
  /// Tells the next hop that nobody wants it any more, if it was asked.
  void abandon(const failure& why) {
    if (far_) far_->stop(why);
  }

 private:
  void renew(const open& request) {
    trace_ = request.transfer;
    reads_ = request.reads;
    circuit_ = 0;
    stands_ = false;
    far_.emplace(self_, env_, services_, handlers_.closed_names_hop);
  }

  done_handler remembered(done_handler done) {
    return [this, done = std::move(done)](outcome<ready> far) {
      if (far) {
        circuit_ = far->circuit;
        stands_ = true;
      }
      done(std::move(far));
    };
  }

  void end(const ended& what) {
    if (!far_ || far_->on_ended(what) || what.circuit != circuit_) return;
    stands_ = false;
    far_->let_go();
    auto closed = closed_event(what);
    if (handlers_.closed_names_hop) closed.hop = far_->hop();
    closed.of = far_->mark();
    if (!reads_) env_->events.write(trace_, closed);
    handlers_.conclude(what);
  }

  pointer self_;
  environment_ptr env_;
  hop_services services_;
  circuit_handlers handlers_;
  std::optional<opener> far_;
  transfer_id trace_;
  circuit_id circuit_ = 0;
  bool stands_ = false, reads_ = false;
};

} // namespace hublink
