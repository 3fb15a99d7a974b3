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
  addresses_ = std::move(addresses);
  returns_ = std::move(returns);
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
        auto unsent =
            std::erase_if(waiting_, [&](const auto& waiting) { return waiting.request.key() == what.key; });
        if (auto* over = connections_.usable(); over && unsent == 0) env_->plane.send(over->id, what);
      },
      [this](dial_atom, const endpoints& where) { where_ = where; },
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

// A peer can come and go as often as it likes.
void link_state::log(log_level level, std::string what) {
  if (logged_.due() && *logged_.due() <= now())
    for (const auto& more : logged_.take())
      env_->log.write({level, std::to_string(more.count) + " times more: " + more.kind, config_.peer});
  if (logged_.note(what, now())) env_->log.write({level, std::move(what), config_.peer});
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
  if (over ? has_its_probe(*over) : is_dialled_in_vain())
    return reply.fail({errc::hop_down, env_->self->node,
                       config_.peer + " does not answer; whether it does again is being tried"});
  if (over) return transmit(*over, std::move(request), std::move(reply), deadline);
  if (!config_.can_dial)
    return reply.fail(
        {errc::hop_down, env_->self->node, config_.peer + " keeps no link (it dials out, and is not here)"});
  waiting_.push_back({std::move(reply), std::move(request), deadline});
  dial();
  schedule_tick();
}

void link_state::transmit(peer_connection& over, open request, answer_promise<opened> reply,
                          clock::time_point deadline) {
  if (auto fine = check_version(request.kind, config_.peer, config_.peer_role, over.version); !fine)
    return reply.fail({fine.error().code, env_->self->node, fine.error().text});
  if (now() - std::max(over.heard, over.asked) >= quiet_before_asking) ask_for_life(over);
  auto key = request.key();
  auto number = requests_.add({std::move(reply), std::move(key), over.id}, deadline);
  env_->plane.send(over.id, open_request{number, std::move(request)});
}

void link_state::ask_for_life(peer_connection& over) {
  over.ask(now());
  env_->plane.send(over.id, beat{});
}

// One asks on, and finds out; the others go other ways, or come again.
bool link_state::has_its_probe(const peer_connection& over) {
  return awaits_answer(over) && notes_silence(over);
}

bool link_state::notes_silence(const peer_connection& over) {
  if (!over.is_in_doubt(now())) return false;
  env_->silent->note(config_.peer, now());
  return noted_silent_ = true;
}

bool link_state::is_dialled_in_vain() const {
  return dialling_ && now() - dial_began_ >= prompt_answer && env_->silent->is_silent(config_.peer, now());
}

void link_state::dial() {
  if (dialling_) return;
  dial_began_ = now();
  dialling_ = env_->plane.dial(where_, config_.peer, weak_owner<link_owner>{self_});
}

// The name may lead elsewhere by now, so it is asked for each time.
void link_state::keep_up() {
  if (config_.keep) come_up();
}

void link_state::come_up() {
  if (!config_.can_dial || !connections_.empty() || dialling_) return;
  if (std::exchange(locating_, true)) return;
  self_->request(addresses_, caf::infinite, locate_atom_v, config_.peer)
      .then(
          [this](const endpoints& where) {
            locating_ = false;
            if (!config_.can_dial || !connections_.empty() || dialling_) return;
            where_ = where;
            dial();
          },
          [this](const caf::error& no) {
            locating_ = false;
            log(log_level::warning, "link is not dialled: " + to_string(to_failure(no, env_->self->node)));
            redial_later();
          });
}

void link_state::receive(link_id id, const link_message& message) {
  if (twins_.holds(id)) return twins_.keep(message);
  auto* from = connections_.find(id);
  if (!from) return;
  from->heard = now();
  from->alive = true;
  if (std::exchange(noted_silent_, false)) env_->silent->forget(config_.peer);
  if (auto* got = std::get_if<answer>(&message)) {
    used_ = now();
    // An answer to an expired request finds nothing; what lies behind it ends by the abandon that was sent.
    if (auto pending = requests_.take(got->number)) {
      if (auto* yes = std::get_if<opened>(&got->body))
        pending->reply.deliver(*yes);
      else
        pending->reply.fail(std::get<failure>(got->body));
    }
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
  else if (now() - dial_began_ >= between_calls)
    come_up();
}

// -- time

void link_state::schedule_tick() {
  if (std::exchange(ticking_, true)) return;
  self_->delayed_send(self_, std::max(env_->timing.beat_every / 5, 50ms), caf::tick_atom_v);
}

std::chrono::milliseconds link_state::longest_quiet(const peer_connection& over) const {
  return awaits_answer(over)
             ? std::min<std::chrono::milliseconds>(quiet_before_asking, env_->timing.beat_every)
             : env_->timing.beat_every;
}

void link_state::tick() {
  ticking_ = false;
  for (auto& late : requests_.expire(now())) {
    if (auto* over = connections_.find(late.connection)) {
      notes_silence(*over);
      env_->plane.send(
          over->id,
          abandon{late.key, {errc::timed_out, env_->self->node, "no answer within the time budget"}});
    }
    late.reply.fail(
        {errc::timed_out, env_->self->node, config_.peer + " gave no answer within the time budget"});
  }
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
  if (redial_.is_over(now())) keep_up();
  close_if_idle();
  if (!connections_.empty() || !waiting_.empty() || dialling_) schedule_tick();
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
  if (config_.keep || connections_.empty() || !unused || !askers_.empty() || !waiting_.empty() ||
      requests_.size() > 0)
    return;
  self_->request(local_, caf::infinite, count_atom_v).then([this](std::uint32_t circuits) {
    if (circuits > 0 || !askers_.empty() || !waiting_.empty() || requests_.size() > 0) return;
    for (auto& connection : connections_)
      if (!std::exchange(connection.we_drain, true)) env_->plane.send(connection.id, drain{});
    close_drained();
  });
}

bool link_state::awaits_answer(const peer_connection& connection) const {
  return requests_.any([&](const auto& pending) { return pending.connection == connection.id; });
}

bool link_state::pending_on(const peer_connection& connection) const {
  return connection.answering > 0 || awaits_answer(connection);
}

} // namespace hublink
