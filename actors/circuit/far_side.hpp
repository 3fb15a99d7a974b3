#pragma once
/// The far side of a circuit: finds the next hop, asks it, attaches its data port; tries the alternatives in
/// turn within the time budget. Used by whatever opens a circuit onward: relay, sender, pinger. See
/// docs/internals/circuit.md.
#include "actors/link/link_interface.hpp"
#include "actors/ports/environment.hpp"
#include "actors/routing/branching.hpp"
#include "actors/routing/route_resolver.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace hublink {

/// Where a far side gets its hops from. Both are held by its owner.
struct hop_services {
  hop_finder_actor finder;
  route_resolver_actor resolver;
};

/// `Self`: pointer to a typed actor that is a `circuit_owner`.
template <class Self>
class far_side {
 public:
  /// What `done` gets: the circuit with its far side attached, or the last alternative's failure.
  struct ready {
    circuit_id circuit = 0;
    opened answer;
  };
  using done_handler = std::function<void(outcome<ready>)>;

  far_side(Self self, environment_ptr env, hop_services services)
      : self_(self), env_(std::move(env)), services_(std::move(services)) {}

  /// What it does is written down, behind `first`, once the circuit stands; not at all if it never does.
  void hold_events(event::any first) { held_.emplace({std::move(first)}); }

  /// `request` as it came, or as this node itself wants it: its destination not yet rewritten for the next
  /// hop.
  void start(const open& request, const way_plan& plan, done_handler done) {
    begin(request, std::move(done));
    self_->request(services_.resolver, budget(), plan)
        .then([this](hop_choices& found) { take(found); },
              [this](const caf::error& no) { refused(to_failure(no, here())); });
  }

  /// The same, where the hops to try are known already.
  void start_with(const open& request, std::vector<hop_choice> choices, done_handler done) {
    begin(request, std::move(done));
    choices_ = std::move(choices);
    try_current();
  }

  /// The plane says that the far side of `circuit` is attached.
  void on_attached(circuit_id circuit) {
    if (circuit != circuit_) return;
    attached_ = true;
    succeed_if_whole();
  }
  /// The plane ended `circuit`. True if that was its business: another alternative may follow.
  bool on_ended(const ended& end) {
    if (end.circuit != circuit_ || stage_ != stage::attaching) return false;
    auto why =
        end.result ? failure{errc::cut, {}, "the circuit ended while it was made"} : end.result.error();
    if (why.hop.empty()) why.hop = current().hop.hop;
    tell_abandon(why);
    refused(why);
    return true;
  }
  /// No answer is wanted any more: tells the next hop, if it was asked.
  void stop(const failure& why) {
    if (stage_ == stage::asking || stage_ == stage::attaching || stage_ == stage::whole) tell_abandon(why);
    if (stage_ == stage::asking || stage_ == stage::attaching) env_->plane.close(circuit_, why);
    stage_ = stage::over;
  }

  /// The neighbour that was asked last.
  const std::string& hop() const { return hop_name_; }

  /// Was the circuit that stands made over the link that was lost? Before it stands, the failure of what was
  /// asked says it.
  bool stands_on(const hop_lost& lost) const { return stage_ == stage::whole && lost.peer == hop_name_; }

 private:
  enum class stage : std::uint8_t { looking, asking, attaching, whole, over };

  std::string here() const { return env_->self->node; }
  const hop_choice& current() const { return choices_[index_]; }
  caf::timespan budget() const {
    auto left = deadline_ - self_->clock().now();
    return std::max<caf::timespan>(left, std::chrono::milliseconds{1});
  }

  void begin(const open& request, done_handler done) {
    request_ = request;
    done_ = std::move(done);
    deadline_ = self_->clock().now() + std::chrono::milliseconds{request.budget_ms};
  }

  void take(hop_choices& found) {
    if (stage_ == stage::over) return;
    auto ways = share_hops(std::move(found.targets));
    if (ways.size() != 1)
      return refused({errc::failed, here(), "the file's ways part here, but not by the host definitions"});
    choices_ = std::move(ways.front());
    try_current();
  }

  void try_current() {
    const auto& choice = current();
    hop_name_ = choice.hop.hop;
    note_next(choice.hop, choice.where);
    for (const auto& other : choice.also) note_next(other, choice.where);

    stage_ = stage::asking;
    attached_ = false;
    asked_.reset();
    circuit_ = env_->plane.make_circuit(weak_owner<circuit_owner>{self_});
    self_->request(services_.finder, budget(), hop_atom_v, choice.hop.hop, choice.where)
        .then([this](const hop_actor& next) { ask(next); },
              [this](const caf::error& no) { failed(to_failure(no, here())); });
  }

  void note_next(const next_hop& hop, const endpoint& where) {
    event::next what;
    what.host = hop.host;
    if (hop.address) what.address = to_string(*hop.address);
    what.hop = hop.hop;
    what.dialled = to_string(where);
    what.by = to_string(hop.by);
    write(what);
  }

  void write(event::any what) {
    if (held_)
      held_->push_back(std::move(what));
    else
      env_->events.write(request_.transfer, what);
  }

  void ask(const hop_actor& next) {
    if (stage_ != stage::asking) return;
    asked_ = next;
    auto onward = request_;
    tell_names(onward, current().hop.tell);
    onward.hops_left = std::uint8_t(request_.hops_left - 1);
    onward.budget_ms = std::uint32_t(std::chrono::duration_cast<std::chrono::milliseconds>(budget()).count());
    onward.dial_back.reset();
    if (current().dials_out) onward.dial_back = env_->plane.expect(circuit_, side::far);
    asked_key_ = onward.key();
    // A little longer than the hop's own budget, so that its answer says more than this time-out would.
    self_->request(*asked_, budget() + std::chrono::milliseconds{250}, std::move(onward))
        .then([this](opened& yes) { attach(std::move(yes)); },
              [this](const caf::error& no) { failed(to_failure(no, here())); });
  }

  void attach(opened yes) {
    if (stage_ != stage::asking) return;
    stage_ = stage::attaching;
    answer_ = std::move(yes);
    write(event::opened{hop_name_});
    if (!current().dials_out) env_->plane.attach(circuit_, side::far, current().where, answer_.data_token);
    succeed_if_whole();
  }

  // A hop that dials back may do so before or after its answer arrives.
  void succeed_if_whole() {
    if (!attached_ || stage_ != stage::attaching) return;
    stage_ = stage::whole;
    if (auto held = std::exchange(held_, {}))
      for (auto& what : *held) write(std::move(what));
    done_(ready{circuit_, std::move(answer_)});
  }

  void failed(const failure& why) {
    if (stage_ != stage::asking) return;
    if (why.code == errc::timed_out) tell_abandon(why);
    env_->plane.close(circuit_, why);
    refused(why);
  }

  void refused(const failure& why) {
    if (stage_ == stage::over) return;
    write(event::refused{why.hop, why.text});
    bool other_way_may_work = why.code == errc::hop_down || why.code == errc::line_down ||
                              why.code == errc::timed_out || why.code == errc::busy ||
                              why.code == errc::no_route || why.code == errc::loop || why.code == errc::cut;
    bool time_left = self_->clock().now() < deadline_;
    if (other_way_may_work && time_left && index_ + 1 < choices_.size()) {
      ++index_;
      return try_current();
    }
    give_up(why);
  }

  void give_up(const failure& why) {
    stage_ = stage::over;
    done_(why);
  }

  void tell_abandon(const failure& why) {
    if (asked_) self_->send(*asked_, abandon{asked_key_, why});
  }

  Self self_;
  environment_ptr env_;
  hop_services services_;
  open request_;
  done_handler done_;
  std::chrono::steady_clock::time_point deadline_;
  stage stage_ = stage::looking;
  std::vector<hop_choice> choices_;
  std::size_t index_ = 0;
  std::string hop_name_;
  circuit_id circuit_ = 0;
  std::optional<hop_actor> asked_;
  open_key asked_key_;
  opened answer_;
  bool attached_ = false;
  std::optional<std::vector<event::any>> held_; ///< events
};

} // namespace hublink
