#include "actors/link/link.hpp"
#include "actors/link/silent_hops.hpp"

#include <algorithm>
#include <utility>

namespace hublink {

using namespace std::chrono_literals;

namespace {
/// What is asked of a peer that was not heard for so long goes with a question whether it lives.
constexpr auto quiet_before_asking = 1s;
/// Between two dials for those who are told of a return: one brings word to all of them.
constexpr auto between_calls = 1s;
/// Those whose requests ended with the connection before have noted by then for whom they had asked.
constexpr auto before_telling = 50ms;
/// So long all wait for a dial; then, if the last one met silence, those alone who wait already.
constexpr auto prompt_answer = 300ms;
} // namespace

link_state::~link_state() {
  if (local_) caf::anon_send_exit(local_, caf::exit_reason::user_shutdown);
}

link_actor::behavior_type link_state::start(environment_ptr env, link_config config, local_hop_actor local,
                                            address_finder_actor addresses, return_watcher_actor returns) {
  env_ = std::move(env);
  config_ = std::move(config);
  local_ = std::move(local);
  dialler_.begin(static_cast<link_actor::pointer>(self_), env_, config_.peer, std::move(addresses));
  returns_ = std::move(returns);
  log_.begin(env_, config_.peer);
  asked_.begin(env_, config_.peer, config_.peer_role);
  used_ = now();
  answered_ = peer_share{config_.peer_role == role::server};
  self_->set_down_handler([this](caf::down_msg& down) {
    if (down.source == local_.address()) return fall(down.reason);
    askers_.remove(down.source.id());
    used_ = now();
  });
  self_->monitor(local_);
  keep_up();
  return {
      [this](const open& request) {
        auto refused = watch(self_->current_sender(), request); // before the promise takes the sender away
        auto reply = self_->make_response_promise<opened>();
        answer_promise<opened> promise{reply};
        if (refused)
          promise.fail(*refused);
        else
          ask(request, std::move(promise));
        return reply;
      },
      [this](const abandon& what) {
        if (asked_.drop_waiting(what.key)) return;
        if (auto* over = connections_.usable()) env_->plane.send(over->id, what);
      },
      [this](dial_atom, const endpoints& where) { dialler_.set(where); },
      [this](dial_atom) { come_up(); },
      [this](returned_atom, const transfer_id& transfer) { tell_returned(transfer); },
      [this](define_atom, const link_terms& terms) { behave(terms); },
      [this](const link_up& up) { came_up(up); },
      [this](const link_down& down) { went_down(down.id, down.why); },
      [this](const link_received& got) { receive(got.id, got.message); },
      [this](caf::tick_atom) { tick(); },
      [this](status_atom) {
        std::string twin = twins_.is_there(now()) ? twin_watch::notice(config_.peer) : "";
        return link_status{config_.peer,          config_.peer_role,
                           !connections_.empty(), std::uint32_t(askers_.size()),
                           std::move(twin),       lost_};
      },
  };
}

// A neighbour that nobody serves any more: the supervisor makes another one of both.
void link_state::fall(const caf::error& why) {
  for (const auto& connection : connections_) env_->plane.hang_up(connection.id);
  self_->quit(why);
}

std::optional<failure> link_state::watch(const caf::strong_actor_ptr& asker, const open& request) {
  if (!asker || askers_.knows(asker->id())) return {};
  if (env_->self->role != role::server || config_.peer_role != role::server)
    askers_.add(asker);
  else if (!askers_.add(asker, holder_of(request), env_->self->limits.circuits))
    return failure{errc::busy, env_->self->node,
                   "who asks has as many circuits to " + config_.peer + " as is his share of them"};
  self_->monitor(asker);
  return {};
}

void link_state::ask(open request, answer_promise<opened> reply) {
  used_ = now();
  auto deadline = now() + std::chrono::milliseconds{request.budget_ms};
  auto* over = connections_.usable();
  if (over ? has_its_probe(*over) : dialler_.is_in_vain(prompt_answer))
    return reply.fail({errc::hop_down, env_->self->node,
                       config_.peer + " does not answer; whether it does again is being tried"});
  asked_opens::question asked{std::move(reply), std::move(request), deadline};
  if (over) {
    if (now() - std::max(over->heard, over->asked) >= quiet_before_asking) ask_for_life(*over);
    return asked_.transmit(*over, std::move(asked));
  }
  if (!config_.can_dial)
    return asked.reply.fail(
        {errc::hop_down, env_->self->node, config_.peer + " keeps no link (it dials out, and is not here)"});
  asked_.wait(std::move(asked));
  dialler_.dial();
  schedule_tick();
}

void link_state::ask_for_life(peer_connection& over) {
  over.ask(now());
  env_->plane.send(over.id, beat{});
}

// One asks on, and finds out; the others go other ways, or come again.
bool link_state::has_its_probe(const peer_connection& over) {
  return asked_.await_answer_over(over) && notes_silence(over);
}

bool link_state::notes_silence(const peer_connection& over) {
  if (!over.is_in_doubt(now())) return false;
  env_->silent->note(config_.peer, now());
  return noted_silent_ = true;
}

void link_state::come_up() {
  auto is_wanted = [this] { return config_.can_dial && connections_.empty(); };
  if (!is_wanted()) return;
  dialler_.locate_and_dial(is_wanted, [this](const failure& why) {
    log(log_level::warning, "link is not dialled: " + to_string(why));
    redial_later();
  });
}

// -- connections

// Another incarnation means that the peer's process was restarted, and what it had before is gone; or that
// there are two of its name. Who lives answers.
void link_state::came_up(const link_up& up) {
  if (dialler_.is_dialling(up.id)) dialler_.end();
  if (connections_.not_of(up.incarnation).empty()) return welcome(up);
  if (auto before = twins_.hold(up, now())) env_->plane.hang_up(*before);
  for (const auto& connection : connections_) env_->plane.send(connection.id, beat{});
  self_->delayed_send(self_, twin_watch::patience, caf::tick_atom_v);
}

void link_state::welcome(const link_up& up) {
  if (!up.dialled) env_->plane.adopt(up.id, weak_owner<link_owner>{self_});
  if (twins_.note_link(up.incarnation, now())) log(log_level::warning, twin_watch::notice(config_.peer));
  if (!std::exchange(turned_away_, false)) dialler_.forget_pauses();
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
  asked_.serve_waiting(connections_.usable(), {});
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
  asked_.serve_waiting(connections_.usable(), why);
}

void link_state::went_down(link_id id, const failure& why) {
  auto at_hop = why;
  if (at_hop.hop.empty()) at_hop.hop = env_->self->node;
  if (dialler_.is_dialling(id)) {
    if (dialler_.since_last_dial() >= silent_hops::slow_dial) env_->silent->note(config_.peer, now());
    dialler_.end();
    asked_.serve_waiting(connections_.usable(), at_hop);
  }
  if (twins_.holds(id)) twins_.take();
  bool was_up = connections_.remove(id);
  // No transfer is refused for good by that: its next attempt says how it stands.
  bool distrusted = was_up && why.code == errc::not_authorised;
  auto broken = distrusted ? failure{errc::cut, at_hop.hop, at_hop.text} : at_hop;
  asked_.fail_over(id, broken);
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
  asked_.serve_waiting(nullptr, why);
  for (const auto& connection : std::vector(connections_)) {
    env_->plane.hang_up(connection.id);
    went_down(connection.id, why);
  }
}

void link_state::redial_later() {
  if (!config_.keep || !config_.can_dial || dialler_.is_dialling()) return;
  dialler_.dial_later();
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

// -- messages

void link_state::receive(link_id id, const link_message& message) {
  if (twins_.holds(id)) return twins_.keep(message);
  auto* from = connections_.find(id);
  if (!from) return;
  from->heard = now();
  from->alive = true;
  if (std::exchange(noted_silent_, false)) env_->silent->forget(config_.peer);
  if (auto* got = std::get_if<answer>(&message)) {
    used_ = now();
    asked_.take(*got);
  } else if (auto* asked = std::get_if<open_request>(&message)) {
    serve(id, *asked);
  } else if (auto* gone = std::get_if<abandon>(&message)) {
    self_->send(local_, *gone);
  } else if (auto* word = std::get_if<returned>(&message)) {
    self_->send(returns_, returned_atom_v, config_.peer, word->transfer);
  } else if (auto* pulse = std::get_if<beat>(&message)) {
    if (!pulse->answer) env_->plane.send(id, beat{true});
    if (pulse->answer && twins_.holds_somebody()) refuse_newcomer();
  } else if (auto* end = std::get_if<drain>(&message)) {
    from->they_drain = true;
    turned_away_ = end->why.has_value();
    if (end->why) log(log_level::warning, "turned away: " + to_string(*end->why));
    if (!from->we_drain && connections_.usable()) { // another one, since this one takes nothing more
      from->we_drain = true;
      env_->plane.send(id, drain{});
    }
    close_if_idle();
  } else if (auto* unknown = std::get_if<unknown_message>(&message)) {
    auto name = unknown->type + (unknown->kind.empty() ? "" : " of kind " + unknown->kind);
    if (unknown->number)
      env_->plane.send(id, answer{*unknown->number, failure{errc::bad_message, env_->self->node,
                                                            "unknown message type '" + name + "'"}});
  } else {
    env_->plane.hang_up(id);
    return went_down(id,
                     {errc::bad_message, env_->self->node, config_.peer + " sent a message out of place"});
  }
  settle_rivals();
  close_drained();
}

void link_state::serve(link_id id, const open_request& request) {
  used_ = now();
  auto number = request.number;
  auto holder = holder_of(request.body);
  if (answered_.take(holder, env_->self->limits.pending_opens) != peer_share::answer::taken)
    return env_->plane.send(
        id, answer{number, failure{errc::busy, env_->self->node, "too many circuits are being opened"}});
  ++connections_.find(id)->answering;
  auto reply = [this, id, number, holder](std::variant<opened, failure> body) {
    answered_.give_back(holder);
    env_->plane.send(id, answer{number, std::move(body)});
    if (auto* connection = connections_.find(id)) --connection->answering;
    close_drained();
  };
  // No time-out of its own: the local hop answers everything, and timers of a long-lived asker would pile up.
  self_->request(local_, caf::infinite, request.body)
      .then([reply](const opened& yes) { reply(yes); },
            [this, reply](const caf::error& no) { reply(to_failure(no, env_->self->node)); });
}

// A link that comes up for it says as much.
void link_state::tell_returned(const transfer_id& transfer) {
  if (auto* over = connections_.usable())
    env_->plane.send(over->id, returned{transfer});
  else if (dialler_.since_last_dial() >= between_calls)
    come_up();
}

// -- time

void link_state::schedule_tick() {
  if (std::exchange(ticking_, true)) return;
  self_->delayed_send(self_, std::max(env_->timing.beat_every / 5, 50ms), caf::tick_atom_v);
}

std::chrono::milliseconds link_state::longest_quiet(const peer_connection& over) const {
  return asked_.await_answer_over(over)
             ? std::min<std::chrono::milliseconds>(quiet_before_asking, env_->timing.beat_every)
             : env_->timing.beat_every;
}

void link_state::tick() {
  ticking_ = false;
  asked_.expire(now(), [this](link_id connection, const open_key& key) {
    auto* over = connections_.find(connection);
    if (!over) return;
    notes_silence(*over);
    env_->plane.send(over->id,
                     abandon{key, {errc::timed_out, env_->self->node, "no answer within the time budget"}});
  });
  std::vector<link_id> silent;
  for (auto& connection : connections_) {
    if (now() - connection.heard >= env_->timing.beat_limit) {
      silent.push_back(connection.id);
    } else if (now() - std::max(connection.heard, connection.asked) >= longest_quiet(connection)) {
      ask_for_life(connection);
    }
  }
  if (!silent.empty()) env_->silent->note(config_.peer, now());
  for (auto id : silent) {
    env_->plane.hang_up(id);
    went_down(id, {errc::hop_down, env_->self->node, config_.peer + " went silent"});
  }
  if (twins_.is_due(now())) replace_by_newcomer();
  if (unwanted_since_ && now() - *unwanted_since_ >= env_->timing.farewell) part();
  if (dialler_.may_dial_again()) keep_up();
  close_if_idle();
  if (!connections_.empty() || asked_.has_waiting() || dialler_.is_dialling()) schedule_tick();
}

void link_state::behave(const link_terms& terms) {
  static_cast<link_terms&>(config_) = terms;
  if (config_.wanted)
    unwanted_since_.reset();
  else if (!unwanted_since_)
    unwanted_since_ = now();
  self_->send(local_, define_atom_v);
  keep_up();
  close_if_idle();
}

void link_state::close_if_idle() {
  bool drained_by_peer = std::ranges::any_of(connections_, &peer_connection::they_drain);
  bool unused = now() - used_ >= env_->timing.idle_limit || drained_by_peer || !config_.wanted;
  if (config_.keep || connections_.empty() || !unused || !askers_.empty() || !asked_.empty()) return;
  self_->request(local_, caf::infinite, count_atom_v).then([this](std::uint32_t circuits) {
    if (circuits > 0 || !askers_.empty() || !asked_.empty()) return;
    for (auto& connection : connections_)
      if (!std::exchange(connection.we_drain, true)) env_->plane.send(connection.id, drain{});
    close_drained();
  });
}

bool link_state::pending_on(const peer_connection& connection) const {
  return connection.answering > 0 || asked_.await_answer_over(connection);
}

} // namespace hublink
