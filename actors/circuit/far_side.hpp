#pragma once
/// The far side of a circuit: finds the next hop, asks it, attaches its data port; tries the alternatives in
/// turn within the time budget. Used by whatever opens a circuit onward: relay, sender, pinger. See
/// docs/internals/circuit.md.
#include "actors/circuit/active_opens.hpp"
#include "actors/circuit/leg_id.hpp"
#include "actors/circuit/near_side.hpp"
#include "actors/link/link_interface.hpp"
#include "actors/link/silent_hops.hpp"
#include "actors/ports/environment.hpp"
#include "actors/routing/alternatives.hpp"
#include "actors/routing/branching.hpp"
#include "actors/routing/route_resolver.hpp"

#include <algorithm>
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

  /// `is_branch`: as in `circuit_mark`.
  far_side(Self self, environment_ptr env, hop_services services, bool is_branch = false)
      : self_(self), env_(std::move(env)), services_(std::move(services)) {
    mark_.is_branch = is_branch;
  }

  /// What it does is written down, behind `first`, once the circuit stands; not at all if it never does.
  void hold_events(event::any first) { held_.emplace({std::move(first)}); }

  /// `request` as it came, or as this node itself wants it: its destination not yet rewritten for the next
  /// hop. Where this node goes on otherwise if all of them fail (`plan_rest`), that is left some time.
  void start(const open& request, const way_plan& plan, done_handler done) {
    const bool goes_on_otherwise = plan_rest(plan, request).has_value();
    begin(request, share_of(std::chrono::milliseconds{request.budget_ms}, goes_on_otherwise),
          std::move(done));
    self_->request(services_.resolver, budget(), plan)
        .then([this](hop_choices& found) { take(found); },
              [this](const caf::error& no) { refused(to_failure(no, here())); });
  }

  /// The same, where the hops to try are known already.
  void start_with(const open& request, std::vector<hop_choice> choices, done_handler done) {
    begin(request, std::chrono::milliseconds{request.budget_ms}, std::move(done));
    begin_with(std::move(choices));
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
    claim_.reset();
  }

  /// The circuit that stood is over.
  void let_go() { claim_.reset(); }

  /// The neighbour that was asked last.
  const std::string& hop() const { return hop_name_; }
  /// What is written down of the circuit goes by that.
  const event::circuit_mark& mark() const { return mark_; }

  /// Was the circuit that stands made over the link that was lost? Before it stands, the failure of what was
  /// asked says it.
  bool stands_on(const hop_lost& lost) const { return stage_ == stage::whole && lost.peer == hop_name_; }

 private:
  enum class stage : std::uint8_t { looking, asking, attaching, whole, over };

  std::string here() const { return env_->self->node; }
  const hop_choice& current() const { return choices_[index_]; }
  bool has_another() const { return index_ + 1 < choices_.size(); }
  caf::timespan budget() const {
    auto left = deadline_ - self_->clock().now();
    return std::max<caf::timespan>(left, std::chrono::milliseconds{1});
  }
  /// What the present alternative may use of it.
  caf::timespan share() const { return share_of(deadline_ - self_->clock().now(), has_another()); }

  void begin(const open& request, std::chrono::nanoseconds time, done_handler done) {
    request_ = request;
    mark_ = mark_of(request, mark_.is_branch);
    done_ = std::move(done);
    deadline_ = self_->clock().now() + time;
  }

  void take(hop_choices& found) {
    if (stage_ == stage::over) return;
    auto ways = share_hops(std::move(found.targets));
    if (ways.size() != 1)
      return refused({errc::failed, here(), "the file's ways part here, but not by the host definitions"});
    begin_with(std::move(ways.front()));
  }

  // A neighbour that was silent costs a dial's whole time: it comes after the others.
  void begin_with(std::vector<hop_choice> choices) {
    choices_ = std::move(choices);
    std::stable_partition(choices_.begin(), choices_.end(), [this](const hop_choice& each) {
      return !env_->silent->is_silent(each.hop.hop, self_->clock().now());
    });
    try_current();
  }

  void try_current() {
    const auto& choice = current();
    hop_name_ = choice.hop.hop;
    auto told = request_;
    tell_names(told, choice.hop.tell);
    mark_.goes_by = leg_id(told, here(), hop_name_);
    note_next(choice.hop, choice.where);
    for (const auto& other : choice.also) note_next(other, choice.where);
    if (choice.unresolved) return refused(*choice.unresolved);

    stage_ = stage::asking;
    attached_ = false;
    asked_.reset();
    circuit_ = env_->plane.make_circuit(weak_owner<circuit_owner>{self_});
    env_->plane.goes_over(circuit_, side::far, hop_name_);
    self_->request(services_.finder, share(), hop_atom_v, choice.hop.hop, choice.where)
        .then([this](const hop_actor& next) { ask(next); },
              [this](const caf::error& no) { failed(to_failure(no, here())); });
  }

  void note_next(const next_hop& hop, const endpoints& where) {
    event::next what;
    what.host = hop.host;
    if (hop.address) what.address = to_string(*hop.address);
    what.hop = hop.hop;
    if (!where.empty()) what.dialled = to_string(where.front());
    what.by = to_string(hop.by);
    what.of = mark_;
    what.file = request_.file;
    what.attempt = request_.attempt;
    write(what);
  }

  void write(event::any what) {
    if (request_.reads) return;
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
    onward.budget_ms = std::uint32_t(std::chrono::duration_cast<std::chrono::milliseconds>(share()).count());
    onward.dial_back.reset();
    if (current().dials_out) onward.dial_back = env_->plane.expect(circuit_, side::far);
    asked_key_ = onward.key();
    claim_ = env_->opens->enter_rest(asked_key_); // so that it is known if it comes back to where it began
    // A little longer than the hop's own budget, so that its answer says more than this time-out would.
    self_->request(*asked_, share() + std::chrono::milliseconds{250}, std::move(onward))
        .then([this](opened& yes) { attach(std::move(yes)); },
              [this](const caf::error& no) { failed(to_failure(no, here())); });
  }

  void attach(opened yes) {
    if (stage_ != stage::asking) return;
    stage_ = stage::attaching;
    answer_ = std::move(yes);
    write(event::opened{hop_name_, mark_});
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

  void refused(failure why) {
    if (stage_ == stage::over) return;
    claim_.reset();
    why.at_end = why.at_end || (!choices_.empty() && current().hop.by == chosen_by::registered);
    write(refused_event(why, mark_));
    const bool other_way_may_work = may_work_elsewhere(why);
    bool time_left = self_->clock().now() < deadline_;
    if (other_way_may_work && (!best_way_failed_ || says_less(*best_way_failed_, why)))
      best_way_failed_ = why;
    if (other_way_may_work && time_left && has_another()) {
      ++index_;
      return try_current();
    }
    give_up(other_way_may_work ? *best_way_failed_ : why);
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
  std::optional<failure> best_way_failed_; ///< of those that may hinder one way alone
  std::string hop_name_;
  event::circuit_mark mark_;
  circuit_id circuit_ = 0;
  std::optional<hop_actor> asked_;
  open_key asked_key_;
  active_opens::claim claim_; ///< of what this node was not told itself
  opened answer_;
  bool attached_ = false;
  std::optional<std::vector<event::any>> held_; ///< events
};

} // namespace hublink
