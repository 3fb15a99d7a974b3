#include "actors/broadcast/branch.hpp"
#include "actors/ports/ids.hpp"
#include "protocol/broadcast/broadcast_ends.hpp"

#include <algorithm>

namespace hublink {

namespace {

constexpr std::uint64_t most_repeated = 4; ///< that part of a file

} // namespace

branch_actor::behavior_type branch_state::start(environment_ptr env, hop_services services,
                                                branch_order order) {
  env_ = std::move(env);
  origin_.emplace(self_, env_, std::move(services));
  order_ = std::move(order);
  hosts_ = hosts_of(order_.course.way);
  circuit_handlers handlers;
  handlers.conclude = [this](const ended& what) { conclude(what); };
  handlers.progress = [this](const progressed& now) { bytes_ = now.progress.bytes; };
  handlers.closed_names_hop = true;
  return origin_->behavior(
      std::move(handlers), [this](start_atom) { make_circuit(); },
      [this](stop_atom) {
        stop({errc::cut, env_->self->node, "the broadcast ends here"});
      },
      [this](suspend_atom) { make_way(); });
}

void branch_state::make_circuit() {
  auto request = order_.request;
  request.budget_ms = std::uint32_t(order_.course.budget.count());
  request.round = order_.course.round;
  origin_->make_over(request, {order_.course.way}, [this](const outcome<origin::ready>& far) {
    if (far) return run(*far);
    leave(far.error());
  });
}

void branch_state::run(const origin::ready& far) {
  stood_ = true;
  const auto& from = *order_.from;
  feeding_end_config config{hosts_,
                            from.held,
                            from.board,
                            env_->ca,
                            env_->wall_clock,
                            steady_clock_of(*env_),
                            storage_name(from.key)};
  env_->plane.run(far.circuit, make_feeding_end(std::move(config)), env_->files.spool());
}

void branch_state::conclude(const ended& what) {
  bytes_ = what.content.bytes;
  if (what.result) return leave({errc::cut, {}, "the circuit ended before everybody had his result"});
  if (!all_settled()) origin_->abandon(what.result.error());
  leave(what.result.error());
}

void branch_state::leave(failure why) {
  if (why.hop.empty()) why.hop = env_->self->node;
  if (auto point = order_.point.lock())
    self_->send(caf::actor_cast<broadcast_point_actor>(point),
                receiver_ways::course_end{order_.course.number, stood_, renews_, bytes_, std::move(why)});
  self_->quit();
}

void branch_state::stop(const failure& why) {
  if (origin_->stands()) return origin_->close(why);
  origin_->abandon(why);
  leave(why);
}

// What it has brought is brought once more to the point behind it, for those who join.
void branch_state::make_way() {
  const auto whole = order_.from->held->offer().size;
  if (stood_ && bytes_ > whole / most_repeated) {
    if (auto point = order_.point.lock())
      self_->send(caf::actor_cast<broadcast_point_actor>(point),
                  receiver_ways::course_kept{order_.course.number});
    return;
  }
  renews_ = true;
  stop({errc::cut, env_->self->node, "the circuit is made anew, for more receivers"});
}

bool branch_state::all_settled() const {
  return std::all_of(hosts_.begin(), hosts_.end(),
                     [this](const auto& host) { return order_.from->board->is_settled(host); });
}

} // namespace hublink
