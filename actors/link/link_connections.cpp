/// The connections of a link: how they come, which of them stay, and what ends with them.
#include "actors/link/link.hpp"
#include "actors/link/silent_hops.hpp"

#include <algorithm>
#include <utility>

namespace hublink {

namespace {
/// Those whose requests ended with the connection before have noted by then for whom they had asked.
constexpr std::chrono::milliseconds before_telling{50};
} // namespace

// Another incarnation means that the peer's process was restarted, and what it had before is gone; or that
// there are two of its name. Who lives answers.
void link_state::came_up(const link_up& up) {
  if (dialling_ == up.id) dialling_.reset();
  if (connections_.not_of(up.incarnation).empty()) return welcome(up);
  if (auto before = twins_.hold(up, now())) env_->plane.hang_up(*before);
  for (const auto& connection : connections_) env_->plane.send(connection.id, beat{});
  self_->delayed_send(self_, twin_watch::patience, caf::tick_atom_v);
}

void link_state::welcome(const link_up& up) {
  if (!up.dialled) env_->plane.adopt(up.id, weak_owner<link_owner>{self_});
  if (twins_.note_link(up.incarnation, now())) log(log_level::warning, twin_watch::notice(config_.peer));
  if (!std::exchange(turned_away_, false)) redial_.forget();
  env_->silent->forget(config_.peer);
  peer_connection fresh;
  fresh.id = up.id;
  fresh.dialled = up.dialled;
  fresh.incarnation = up.incarnation;
  fresh.version = up.version;
  fresh.heard = fresh.asked = now();
  if (connections_.empty())
    log(log_level::info, up.dialled ? "link is up, dialled from here" : "link is up, dialled there");
  connections_.push_back(fresh);
  if (connections_.size() > 1)
    for (auto& connection : connections_) {
      connection.alive = false;
      env_->plane.send(connection.id, beat{});
    }
  serve_waiting({});
  schedule_tick();
  const bool restarted = std::exchange(last_incarnation_, up.incarnation) != up.incarnation;
  self_->delayed_send(returns_, before_telling, returned_atom_v, config_.peer, restarted);
}

void link_state::replace_by_newcomer() {
  auto fresh = twins_.take();
  for (auto id : connections_.not_of(fresh->up.incarnation)) {
    env_->plane.hang_up(id);
    went_down(id, {errc::hop_down, env_->self->node, config_.peer + " was restarted"});
  }
  welcome(fresh->up);
  for (const auto& message : fresh->messages) receive(fresh->up.id, message);
}

void link_state::refuse_newcomer() {
  auto second = twins_.take();
  twins_.note_refused(now());
  log(log_level::warning, twin_watch::notice(config_.peer));
  failure why{errc::not_authorised, env_->self->node, twin_watch::refusal(config_.peer)};
  env_->plane.send(second->up.id, drain{why});
  env_->plane.hang_up(second->up.id);
  serve_waiting(why);
}

void link_state::serve_waiting(const failure& if_down) {
  auto* over = connections_.usable();
  for (auto& waiting : std::exchange(waiting_, {}))
    if (over)
      transmit(*over, std::move(waiting.request), std::move(waiting.reply), waiting.deadline);
    else
      waiting.reply.fail(if_down);
}

void link_state::went_down(link_id id, const failure& why) {
  auto at_hop = why;
  if (at_hop.hop.empty()) at_hop.hop = env_->self->node;
  if (dialling_ == id && now() - dial_began_ >= silent_hops::slow_dial)
    env_->silent->note(config_.peer, now());
  if (dialling_ == id) {
    dialling_.reset();
    serve_waiting(at_hop);
  }
  if (twins_.holds(id)) twins_.take();
  bool was_up = connections_.remove(id);
  // No transfer is refused for good by that: its next attempt says how it stands.
  bool distrusted = was_up && why.code == errc::not_authorised;
  auto broken = distrusted ? failure{errc::cut, at_hop.hop, at_hop.text} : at_hop;
  for (auto& lost : requests_.take_if([&](const auto& pending) { return pending.connection == id; }))
    lost.reply.fail(broken);
  // Which circuits were made over the one that is not trusted any more, nobody knows: all of them end.
  if (!connections_.empty() && !distrusted) return;
  log(log_level::info, (was_up ? "link is down: " : "link did not come up: ") + to_string(at_hop));
  if (was_up) tell_lost(broken);
  if (!connections_.empty()) return;
  if (twins_.holds_somebody()) return replace_by_newcomer();
  redial_later();
}

void link_state::tell_lost(const failure& why) {
  ++lost_;
  for (const auto& asker : askers_.take_all())
    caf::anon_send(caf::actor_cast<circuit_owner>(asker), hop_lost{config_.peer, side::far, why});
  self_->send(local_, hop_lost{config_.peer, side::near, why});
}

void link_state::part() {
  failure why{errc::cut, env_->self->node,
              config_.peer + " is no neighbour of " + env_->self->node + " any more"};
  for (auto& waiting : std::exchange(waiting_, {})) waiting.reply.fail(why);
  for (const auto& connection : std::vector(connections_)) {
    env_->plane.hang_up(connection.id);
    went_down(connection.id, why);
  }
}

void link_state::redial_later() {
  if (!config_.keep || !config_.can_dial || dialling_) return;
  self_->delayed_send(self_, redial_.next(env_->timing, env_->random(), now()), caf::tick_atom_v);
  ticking_ = true;
}

// The connection dialled by the name that sorts first stays. Both sides see the same pair, so both come to
// the same end.
void link_state::settle_rivals() {
  for (auto* loser : connections_.losers(env_->self->node < config_.peer)) {
    loser->we_drain = true;
    env_->plane.send(loser->id, drain{});
  }
}

void link_state::close_drained() {
  auto over = std::erase_if(connections_, [this](const auto& connection) {
    if (!connection.we_drain || !connection.they_drain || pending_on(connection)) return false;
    env_->plane.hang_up(connection.id);
    return true;
  });
  if (over > 0 && connections_.empty()) log(log_level::info, "link is closed: nothing goes over it");
}

} // namespace hublink
