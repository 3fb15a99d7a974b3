#include "actors/broadcast/broadcast_point.hpp"
#include "actors/base/spawn.hpp"
#include "actors/broadcast/store_rules.hpp"
#include "actors/circuit/near_side.hpp"
#include "actors/link/silent_hops.hpp"
#include "actors/ports/ids.hpp"
#include "actors/routing/branching.hpp"
#include "protocol/broadcast/broadcast_ends.hpp"
#include "protocol/transfer/receipt.hpp"

#include <algorithm>

namespace hublink {

namespace {
constexpr std::chrono::seconds life_every{5};
} // namespace

broadcast_point_state::~broadcast_point_state() {
  for (const auto& [id, branch] : branches_)
    caf::anon_send_exit(branch.actor, caf::exit_reason::user_shutdown);
}

broadcast_point_actor::behavior_type broadcast_point_state::start(environment_ptr env, hop_services services,
                                                                  spool_journal_actor journal) {
  env_ = std::move(env);
  services_ = std::move(services);
  journal_ = std::move(journal);
  ways_.begin({env_->open_budget, [this] { return std::uint32_t(env_->random()); }});
  self_->set_down_handler([this](caf::down_msg& who) { down(who); });
  return {
      [this](const attached&) { run(); },
      [](const progressed&) {},
      [this](const consulted& asked) { consult(asked); },
      [this](const ended& what) { conclude(what); },
      [this](const hop_lost&) { stop(false); },
      [this](const arrived_open& arrived) { return begin(arrived); },
      [this](const abandon&) { stop(false); },
      [this](caf::tick_atom) {
        if (broadcast_) {
          broadcast_->held->give_sign();
          broadcast_->board->give_sign();
        }
        self_->delayed_send(self_, life_every, caf::tick_atom_v);
      },
      [this](stop_atom) { stop(true); },
      [this](results_atom) {
        pass_over();
        start_branches();
      },
      [this](const receiver_ways::course_end& how) { end_branch(how); },
      [this](const receiver_ways::course_kept& which) {
        ways_.keep(which);
        start_branches();
      },
      [this](start_atom) { start_branches(); },
      [this](resume_atom, const transfer_key& transfer) { resume(transfer); },
  };
}

// Nothing is looked up yet: who opens a circuit has only named an id.
opened broadcast_point_state::begin(const arrived_open& arrived) {
  request_ = arrived.request;
  plan_ = arrived.plan;
  active_ = arrived.active;
  // A later attempt follows a circuit that stood: what is down now may be a hub that starts again.
  search_ = {request_.round, plan_.tried, request_.attempt > 1 && stands_in(*plan_.self, request_)};
  for (const auto& way : *plan_.ways) names_.push_back(way.wanted.host);
  circuit_ = env_->plane.make_circuit(weak_owner<circuit_owner>{self_});
  opened yes;
  env_->plane.goes_over(circuit_, side::near, arrived.from);
  yes.data_token = env_->plane.expect(circuit_, side::near);
  if (fit_a_message(names_)) yes.receivers = names_;
  return yes;
}

void broadcast_point_state::run() {
  spooling_end_config config{request_.file.value_or(""),
                             request_.open_id,
                             request_.transfer,
                             place_,
                             env_->id.now(),
                             env_->ca,
                             env_->wall_clock};
  config.interval = {env_->self->limits.checkpoint_bytes,
                     std::chrono::milliseconds{env_->self->limits.checkpoint_ms}, steady_clock_of(*env_)};
  env_->plane.run(circuit_, make_spooling_end(std::move(config)), env_->files.spool());
  self_->delayed_send(self_, life_every, caf::tick_atom_v);
}

void broadcast_point_state::decide(const question::offer& asked) {
  auto self = env_->self.now();
  auto known = self->transfers.find(asked.made.file);
  bool sends_here = known != self->transfers.end() && !known->second.sender.empty();
  if (sends_here && known->second.sender != asked.made.sender)
    return refuse({errc::not_authorised, env_->self->node, asked.made.sender + " does not send this file"});
  auto now = steady_ms(*env_);
  auto terms = plan_.store ? terms_of(*plan_.store, now) : store_terms{};
  auto entered = env_->broadcasts->enter(asked.made, names_, terms, now, caf::weak_actor_ptr{self_->ctrl()});
  if (!entered) return refuse(entered.error());
  auto& entry = entered->found;
  if (!entry->share) { // a new one
    share_pool::portion share{env_->spools, asked.made.sender};
    if (!share.take(1)) {
      env_->broadcasts->forget(entry->key);
      return refuse({errc::no_space, env_->self->node,
                     asked.made.sender + " has as many transfers in the spool of " + env_->self->node +
                         " as is his share"});
    }
    entry->share = std::move(share);
  }
  before_ = std::move(entered->before);
  welcome_ = {asked, std::move(entry), std::move(entered->replaced)};
  // One attempt at a time: both would write the spool.
  for (const auto& each : before_) {
    auto earlier = caf::actor_cast<broadcast_point_actor>(each);
    self_->monitor(earlier);
    self_->send(earlier, stop_atom_v);
  }
  if (before_.empty()) accept();
}

void broadcast_point_state::refuse(failure why) {
  env_->plane.resume(circuit_, decision::refuse{std::move(why)});
}

void broadcast_point_state::take_over(broadcast_table::entry of) {
  broadcast_ = std::move(of);
  broadcast_->board->tell_only_kept();
  recorder_.emplace(static_cast<broadcast_point_actor::pointer>(self_), env_, journal_, broadcast_);
}

void broadcast_point_state::accept() {
  if (stopping_ || !circuit_) return leave_if_over();
  auto [asked, entry, replaced] = *std::exchange(welcome_, {});
  for (const auto& each : replaced) {
    env_->broadcasts->forget(each);
    env_->files.drop_spool(each);
    self_->send(journal_, caf::delete_atom_v, each);
  }
  take_over(std::move(entry));
  broadcast_->request = request_;
  broadcast_->delivered = false;
  place_->held = broadcast_->held;
  place_->board = broadcast_->board;
  place_->storage = storage_name(broadcast_->key);
  place_->number = broadcast_->held->offered(asked.made, asked.record);
  listen_to_results();
  keep_offer();
}

// What was left of an earlier process, or waits in the store. The receivers' results of then stand; the
// others are asked.
void broadcast_point_state::resume(const transfer_key& transfer) {
  if (missing_ways_ > 0) return;
  if (!broadcast_ && (circuit_ || !before_.empty())) return; // its sender is here
  bool adopted = !broadcast_;
  resumed_ = true;
  if (adopted) {
    auto found = env_->broadcasts->adopt(transfer, caf::weak_actor_ptr{self_->ctrl()});
    if (!found) return self_->quit(); // the sender was faster
    take_over(std::move(found));
    request_ = broadcast_->request;
    if (broadcast_->policy != store_policy::never) broadcast_->board->wait_for_unreachable(env_->self->node);
    listen_to_results();
  }
  if (is_too_old(*broadcast_, steady_ms(*env_))) {
    if (adopted) give_up_old();
  } else {
    auto names = choose_turn(adopted ? broadcast_->board->unsettled() : broadcast_->board->waiting());
    if (!names.empty()) ask_again(names);
  }
  leave_if_over();
}

// By the definition that is in force by then.
void broadcast_point_state::ask_again(const std::vector<std::string>& names) {
  broadcast_->board->ask_again(names);
  auto wanted = request_;
  wanted.destination = names;
  plan_ = plan_origin(env_->self.now(), wanted);
  const bool may_have_got_it =
      resumed_ && broadcast_->policy == store_policy::never; // a store asks by itself
  search_ = {std::uint32_t(env_->random()), {}, may_have_got_it};
  find_choices(names);
}

std::vector<std::string> broadcast_point_state::choose_turn(const std::vector<std::string>& names) {
  return whose_turn(*broadcast_, *env_->broadcasts, names, env_->self->node);
}

// Its room is free at once; what became of the receivers waits for the sender.
void broadcast_point_state::give_up_old() {
  expire(*broadcast_, env_->self->node);
  env_->files.drop_spool(broadcast_->key);
  env_->broadcasts->touch(broadcast_->key, steady_ms(*env_));
}

void broadcast_point_state::consult(const consulted& asked) {
  if (std::holds_alternative<question::safe>(asked.question)) return recorder_->record_synced();
  if (auto* offer = std::get_if<question::offer>(&asked.question)) return decide(*offer);
  refuse_question(*env_, asked);
}

void broadcast_point_state::listen_to_results() {
  caf::weak_actor_ptr weak{self_->ctrl()};
  listens_ = broadcast_->board->tellers().add([weak] {
    if (auto alive = weak.lock())
      caf::anon_send(caf::actor_cast<broadcast_point_actor>(alive), results_atom_v);
  });
}

void broadcast_point_state::keep_offer() {
  broadcast_->board->wait_for_unreachable(is_stored(*broadcast_) ? env_->self->node : "");
  // The sender could not check them any more; the receivers sign anew.
  broadcast_->board->drop_receipts_unless([this, now = env_->wall_clock()](const branch_record& receipt) {
    return still_counts(receipt.body, *env_->ca, now);
  });
  auto open_receivers = broadcast_->board->begin_attempt();
  recorder_->record_offer([this, open_receivers = std::move(open_receivers)](const outcome<>& saved) {
    if (!circuit_) return;
    if (!saved) return refuse(saved.error());
    find_choices(choose_turn(open_receivers));
    env_->plane.resume(circuit_, decision::welcome{});
  });
}

void broadcast_point_state::keep_results() {
  auto wanted = [this] {
    if (circuit_) return;
    broadcast_->delivered = false; // the sender has to come for them
    broadcast_->recalls = 0;
    broadcast_->recall_ms = 0;
  };
  recorder_->record_results(wanted, [this] { leave_if_over(); });
}

// Each by itself: one that can't be found fails alone.
void broadcast_point_state::find_choices(const std::vector<std::string>& open_receivers) {
  const std::set<std::string> asked{open_receivers.begin(), open_receivers.end()};
  missing_ways_ = asked.size();
  for (const auto& way : *plan_.ways)
    if (asked.count(way.wanted.host)) find_choice(way);
}

void broadcast_point_state::find_choice(const way& wanted) {
  way_plan alone;
  alone.self = plan_.self;
  alone.ways = std::vector{wanted};
  self_->request(services_.resolver, std::chrono::milliseconds{request_.budget_ms}, std::move(alone))
      .then([this,
             host = wanted.wanted.host](hop_choices& all) { found(host, std::move(all.targets.front())); },
            [this, host = wanted.wanted.host](const caf::error& no) {
              found(host, to_failure(no, env_->self->node));
            });
}

void broadcast_point_state::found(const std::string& host, outcome<std::vector<hop_choice>> ways) {
  if (ways)
    found_.emplace(host, std::move(*ways));
  else {
    env_->events.write(request_.transfer, refused_event(ways.error(), mark_of(request_, true)));
    give_up(host, ways.error());
  }
  if (--missing_ways_ > 0) return;
  for (auto& [name, hops] : std::exchange(found_, {}))
    ways_.add(name, std::move(hops), search_, self_->clock().now());
  start_branches();
}

void broadcast_point_state::start_branches() {
  if (stopping_ || source_is_gone()) ways_.clear();
  const auto now = self_->clock().now();
  auto is_silent = [&](const std::string& hop) { return env_->silent->is_silent(hop, now); };
  auto turn = ways_.take_due(now, is_silent);
  for (auto& course : turn.begin) start_branch(std::move(course));
  for (const auto& [id, branch] : branches_)
    if (std::count(turn.renew.begin(), turn.renew.end(), branch.course))
      self_->send(branch.actor, suspend_atom_v);
  if (auto next = ways_.next_turn(now); next && (wake_at_ <= now || *next < wake_at_)) {
    wake_at_ = *next;
    self_->delayed_send(self_, wake_at_ - now, start_atom_v);
  }
  leave_if_over();
}

void broadcast_point_state::start_branch(receiver_ways::course course) {
  auto request = request_;
  request.destination.clear(); // the way says what is told there
  const auto number = course.number;
  auto branch = spawn<branch_state>(
      self_->system(), env_, services_,
      branch_order{std::move(request), std::move(course), broadcast_, caf::weak_actor_ptr{self_->ctrl()}});
  self_->monitor(branch);
  self_->send(branch, start_atom_v);
  const auto id = branch.id();
  branches_.emplace(id, running_branch{std::move(branch), number});
}

void broadcast_point_state::end_branch(const receiver_ways::course_end& how) {
  pass_over();
  const auto& held = *broadcast_->held;
  // The sender's next attempt brings what did not open; until then nobody is fed. Where it came bad from
  // above, the end of that circuit tells who feeds it, and is over then.
  if (held.is_distrusted() && !(circuit_ && held.bad_from_above())) stop(true);
  if (stopping_ || source_is_gone()) ways_.clear();
  auto is_settled = [this](const std::string& name) { return broadcast_->board->is_settled(name); };
  give_up(ways_.end(how, is_settled, self_->clock().now()));
  start_branches();
}

// Nobody but the sender can say what it lacks: without it all wait for its next attempt.
bool broadcast_point_state::source_is_gone() const {
  const auto& held = *broadcast_->held;
  return held.is_over() && !held.held().complete && !held.offer().cancel;
}

void broadcast_point_state::pass_over() {
  if (!broadcast_) return;
  for (auto& [name, why] : broadcast_->board->take_passed_over()) {
    env_->events.write(request_.transfer, refused_event(why, mark_of(request_, true)));
    if (auto no = ways_.pass_over(name, std::move(why), self_->clock().now())) give_up(name, *no);
  }
}

void broadcast_point_state::give_up(const receiver_ways::failures& all) {
  for (const auto& [name, why] : all) give_up(name, why);
}

// Who asked for it may come for it again by another way, or in another search.
void broadcast_point_state::give_up(const std::string& name, const failure& why) {
  auto alone = request_;
  alone.destination = {name};
  const auto now = self_->clock().now();
  env_->opens->note_dead_end(alone, now, now + env_->open_budget);
  if (active_) active_->release(name);
  broadcast_->board->give_up(name, why);
}

// The branches go on without the sender if all is there: it asks for the results in its next attempt.
void broadcast_point_state::conclude(const ended& what) {
  circuit_ = 0;
  active_.reset();
  auto closed = closed_event(what, mark_of(request_));
  if (what.result && broadcast_ && !broadcast_->board->all_done()) closed.result = "partial";
  env_->events.write(request_.transfer, closed);
  if (!broadcast_) return leave_if_over(); // no offer was taken
  broadcast_->held->lose_source(place_->number);
  env_->broadcasts->touch(broadcast_->key, steady_ms(*env_));
  broadcast_->delivered = what.result && (is_below() || place_->all_heard);
  bool over = broadcast_->board->all_done() || broadcast_->held->offer().cancel || broadcast_->expired ||
              is_useless_below();
  if (broadcast_->delivered && over) recorder_->forget();
  stop(!broadcast_->held->held().complete || broadcast_->held->is_distrusted());
}

bool broadcast_point_state::is_below() const {
  return !request_.destination.empty() && !contains(request_.destination, env_->self->node);
}

// The upper point asks for those that are left alone, which is another broadcast.
bool broadcast_point_state::is_useless_below() const {
  return is_below() && std::any_of(broadcast_->names.begin(), broadcast_->names.end(),
                                   [this](const auto& name) { return broadcast_->board->is_done(name); });
}

void broadcast_point_state::down(const caf::down_msg& who) {
  auto is_it = [&](const auto& each) { return each->address() == who.source; };
  if (std::erase_if(before_, is_it) > 0) return before_.empty() ? accept() : void();
  auto ended = branches_.extract(who.source.id());
  // It has said so itself, unless it fell.
  if (ended)
    end_branch({ended.mapped().course, true, false, 0, {errc::cut, env_->self->node, "the branch fell"}});
}

void broadcast_point_state::stop(bool branches_too) {
  stopping_ = stopping_ || branches_too;
  if (stopping_) ways_.clear();
  if (circuit_)
    env_->plane.close(circuit_, {errc::cut, env_->self->node, "the circuit is not needed any more"});
  // Who asked still waits for an answer, and the one before it may take its time.
  if (stopping_ && std::exchange(welcome_, {}))
    refuse({errc::cut, env_->self->node, "a later attempt has begun"});
  if (stopping_)
    for (const auto& [id, branch] : branches_) self_->send(branch.actor, stop_atom_v);
  leave_if_over();
}

void broadcast_point_state::leave_if_over() {
  if (broadcast_) keep_results(); // what was said just now
  bool records = recorder_ && recorder_->is_recording_results();
  const bool asks = missing_ways_ > 0 || !branches_.empty() || !ways_.empty();
  if (circuit_ || !before_.empty() || asks || records) return;
  if (broadcast_) env_->broadcasts->leave(*broadcast_, caf::weak_actor_ptr{self_->ctrl()});
  self_->quit();
}

} // namespace hublink
