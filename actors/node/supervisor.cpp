#include "actors/node/supervisor.hpp"
#include "actors/base/current_work.hpp"
#include "actors/base/spawn.hpp"
#include "actors/circuit/load_origin.hpp"
#include "actors/circuit/pinger.hpp"
#include "actors/link/link.hpp"
#include "actors/management/session.hpp"
#include "actors/node/drainer.hpp"
#include "actors/ports/ids.hpp"
#include "actors/ports/note_lost.hpp"
#include "actors/request/requester.hpp"
#include "actors/routing/authorisation.hpp"
#include "actors/transfer/receive_watch.hpp"

namespace hublink {

namespace {

/// What a start waits for disks: neighbours dial meanwhile.
constexpr std::chrono::seconds start_limit{1};
/// The same for a command.
constexpr std::chrono::seconds disk_limit{5};
/// Words that something is there again are spread over so much, and over more where they are many. None comes
/// before who hears it has taken in the refusal that it is about.
constexpr std::chrono::milliseconds first_word{10}, longest_jitter{100}, between_words{1};

} // namespace

supervisor_actor::behavior_type supervisor_state::start(environment_ptr env) {
  env_ = std::move(env);
  // A link ends with the node, or because it fell: the next one to ask for it gets another.
  self_->set_down_handler([this](caf::down_msg& down) {
    std::erase_if(links_, [&](const auto& entry) { return entry.second.address() == down.source; });
  });
  return {
      [this](start_atom, const node_services& with) { begin(with); },
      [this](const link_up& up) {
        auto expected = neighbour_role(*env_->self.now(), up.peer);
        if (!expected || *expected != up.peer_role) return env_->plane.hang_up(up.id); // no business here
        self_->send(link_to(up.peer, up.peer_role), up);
        if (with_.spools) self_->send(*with_.spools, neighbour_atom_v, up.peer);
        if (with_.dispatcher) self_->send(*with_.dispatcher, neighbour_atom_v, up.peer);
        env_->neighbour_came(up.peer, up.incarnation);
      },
      [this](hop_atom, const std::string& peer, const endpoints& where) { return find_hop(peer, where); },
      [this](const ping_order& order) { return ping(order); },
      [this](const load_order& order) { return load(order); },
      [this](cancel_atom, const transfer_id& transfer) { return cancel(transfer); },
      [this](request_atom, const request_order& order,
             const watcher_actor& watcher) -> caf::result<transfer_record> {
        auto requester = spawn<requester_state>(self_->system(), env_, hops());
        return self_->delegate(requester, request_atom_v, order, watcher);
      },
      [this](sessions_atom, const std::string& client) -> caf::result<session_actor> {
        if (!env_->self->find_client(client))
          return to_error(
              {errc::not_registered, env_->self->node, client + " is no client of " + env_->self->node});
        return spawn<session_state>(self_->system(), env_, hops(), client);
      },
      [this](define_atom, const definition_ptr& next) -> caf::result<void> {
        take_up(next);
        return caf::unit;
      },
      [this](rate_atom, std::uint64_t rate) { env_->plane.limit_all(rate); },
      [this](status_atom) { return status(); },
      [this](stop_atom) { stop(); },
      [this](drain_atom, std::chrono::milliseconds longest) -> caf::result<drain_report> {
        if (!drainer_) drainer_ = spawn<drainer_state>(self_->system(), env_, supervisor_actor{self_}, with_);
        return self_->delegate(drainer_, drain_atom_v, longest);
      },
      [this](caf::tick_atom) { drop_abandoned_receives(); },
      [this](const done_aside& what) { disks_.answer(what); },
      [this](returned_atom, const std::string& peer, bool restarted) {
        tell_returned(env_->returns->take(peer, restarted));
      },
      [this](returned_atom, const std::string& peer, const transfer_id& transfer) {
        if (with_.dispatcher) return self_->send(*with_.dispatcher, returned_atom_v, transfer);
        if (auto asker = env_->returns->take(peer, transfer)) tell_returned({std::move(*asker)});
      },
  };
}

void supervisor_state::begin(const node_services& with) {
  with_ = with;
  if (with_.dispatcher) self_->send(*with_.dispatcher, recover_atom_v);
  finish_publications();
}

// What is sent from here is the dispatcher's, what is received here the journal's: a receiver that runs hears
// of it when it writes down its next checkpoint, or that it is about to publish.
caf::result<transfer_record> supervisor_state::cancel(const transfer_id& transfer) {
  auto answer =
      std::make_shared<answer_promise<transfer_record>>(self_->make_response_promise<transfer_record>());
  auto settled = [answer](const transfer_record& record) { answer->deliver(record); };
  auto at_the_receiver = [this, answer, transfer] {
    self_->request(with_.journal, caf::infinite, cancel_atom_v, transfer)
        .then(
            [this, answer](const transfer_record& record) {
              env_->receives->tell(record);
              discard_partial(record, [answer, record] { answer->deliver(record); });
            },
            failing(answer, env_->self->node));
  };
  if (with_.dispatcher)
    self_->request(*with_.dispatcher, caf::infinite, cancel_atom_v, transfer)
        .then(settled, [at_the_receiver](const caf::error&) { at_the_receiver(); });
  else
    at_the_receiver();
  return answer->promise();
}

// A crash between "the rename comes next" and "it is done": the file system knows which of the two it was.
// Serving waits for that, but not for a disk that hangs: until it answers, that target is nobody's.
void supervisor_state::finish_publications() {
  self_->request(with_.journal, caf::infinite, recover_atom_v)
      .then(
          [this](const std::vector<publication>& unfinished) {
            auto open_ones = std::make_shared<std::size_t>(unfinished.size());
            for (const auto& begun : unfinished) {
              auto claimed = env_->files.claim(begun.path);
              disks_.ask(
                  self_, env_->files, begun.path, "finish a publication", disk_desk::no_limit,
                  [&files = env_->files, begun] {
                    auto policy = begun.refuse_existing ? if_exists::refuse : if_exists::replace;
                    return files.target(begun.path, policy, begun.key.file)
                        ->settle({begun.key.transfer, begun.generation, {begun.size, begun.digest}});
                  },
                  [this, begun, open_ones, claimed](const std::optional<outcome<>>& settled) {
                    if (settled && *settled) commit(begun);
                    if (settled && !*settled && settled->error().code == errc::cut) note_lost_content(begun);
                    if (--*open_ones == 0) take_up_spools();
                  });
            }
            if (unfinished.empty()) return take_up_spools();
            disks_.after(self_, start_limit, [this] { take_up_spools(); });
          },
          [this](const caf::error& no) {
            log_lost(*env_, "publications that were begun before this start are not looked into",
                     to_failure(no, env_->self->node));
            take_up_spools();
          });
}

void supervisor_state::take_up_spools() {
  if (std::exchange(takes_up_, true)) return;
  if (!with_.spools) return start_serving();
  self_->request(*with_.spools, caf::infinite, recover_atom_v)
      .then([this] { start_serving(); },
            [this](const caf::error& no) {
              log_lost(*env_, "broadcasts that were begun before this start are not taken up",
                       to_failure(no, env_->self->node));
              start_serving();
            });
}

// Its disk had said that it was safe. Nobody waits for it any more: the sender's next attempt brings it
// again.
void supervisor_state::note_lost_content(const publication& what) {
  transfer_query of_it;
  of_it.transfer = what.key.transfer;
  auto unnoted =
      note_lost(env_, "that " + what.path + " was lost with a crash is not written down", what.key.transfer);
  self_->request(with_.journal, caf::infinite, of_it)
      .then(
          [this, what, unnoted](const std::vector<transfer_record>& found) {
            for (auto record : found) {
              bool waits = record.side == transfer_side::receiver && record.state == transfer_state::queued;
              if (!waits || key_of(record) != what.key) continue;
              record.safe = {};
              record.reason = failure{errc::io_error, env_->self->node,
                                      what.path + ": its disk lost what it had called safe"};
              self_->request(with_.journal, caf::infinite, save_atom_v, record).then([] {}, unnoted);
            }
          },
          unnoted);
}

void supervisor_state::commit(const publication& what) {
  transfer_query of_it;
  of_it.transfer = what.key.transfer;
  self_->request(with_.journal, caf::infinite, commit_atom_v, what.key)
      .then([] {},
            note_lost(env_, "that " + what.path + " is published is not written down", what.key.transfer));
  self_->request(with_.journal, caf::infinite, of_it)
      .then(
          [this, what](const std::vector<transfer_record>& found) {
            for (const auto& record : found)
              if (record.side == transfer_side::receiver && record.state == transfer_state::done &&
                  key_of(record) == what.key)
                env_->events.write(record.transfer, event::received{record.file, what.path, what.size,
                                                                    what.digest, record.from});
          },
          note_lost(env_, "the event received of " + what.path + " is not written", what.key.transfer));
}

// A sender that gave up, or is gone, tells nobody.
void supervisor_state::drop_abandoned_receives() {
  self_->delayed_send(self_, std::chrono::hours{1}, caf::tick_atom_v);
  transfer_query unfinished;
  unfinished.finished = false;
  unfinished.limit = 1'000'000;
  self_->request(with_.journal, caf::infinite, unfinished)
      .then(
          [this](std::vector<transfer_record>& found) {
            auto oldest = steady_ms(*env_) - keep_partial_ms();
            for (auto& record : found) {
              bool waits = record.side == transfer_side::receiver && record.state == transfer_state::queued;
              bool may_be_there = record.reason && record.reason->code == errc::unconfirmed;
              if (waits && !may_be_there && record.saved_ms < oldest) drop(std::move(record));
            }
          },
          note_lost(env_, "transfers that nobody goes on with are not looked for"));
}

std::int64_t supervisor_state::keep_partial_ms() const {
  return std::int64_t(env_->self->limits.keep_partial_days) * 86'400'000;
}

void supervisor_state::drop(transfer_record record) {
  discard_partial(record, [] {});
  set_outcome(record, transfer_state::failed, now_ms(*env_),
              failure{errc::cut, env_->self->node,
                      record.from + " did not go on with it for " +
                          std::to_string(env_->self->limits.keep_partial_days) + " days"});
  record.safe = {};
  auto transfer = record.transfer;
  self_->request(with_.journal, caf::infinite, save_atom_v, std::move(record))
      .then([] {}, note_lost(env_, "that it was given up is not written down", transfer));
}

void supervisor_state::discard_partial(const transfer_record& record, std::function<void()> then) {
  disks_.ask(
      self_, env_->files, record.path, "remove a partial file", disk_limit,
      [&files = env_->files, record] {
        files.target(record.path, if_exists::replace, record.file)
            ->discard({record.transfer, record.generation});
        return true;
      },
      [then = std::move(then)](const std::optional<bool>&) { then(); });
}

void supervisor_state::start_serving() {
  drop_abandoned_receives();
  self_->send(with_.jobs, recover_atom_v);
  env_->plane.listen(weak_owner<link_acceptor>{self_});
  if (with_.gateway) self_->send(*with_.gateway, start_atom_v);
  if (env_->self->dials_out) link_to(env_->self->home, role::server);
  show_at_home();
}

// Somebody may wait for it; who dials out keeps that link anyhow.
void supervisor_state::show_at_home() {
  auto self = env_->self.now();
  if (self->role == role::client && !self->dials_out && !self->receives.empty())
    self_->send(link_to(self->home, role::server), dial_atom_v);
}

// What is under way may come to its end soon, over links to neighbours that are none any more too.
void supervisor_state::take_up(const definition_ptr& next) {
  auto before = env_->self.now();
  env_->self.replace(next);
  for (const auto& [who, link] : links_) self_->send(link, define_atom_v, terms_of(who.first, who.second));
  if (next->limits.rate != before->limits.rate) env_->plane.limit_all(next->limits.rate);
  if (with_.dispatcher) self_->send(*with_.dispatcher, define_atom_v);
  if (with_.sessions) self_->send(*with_.sessions, define_atom_v);
  if (with_.gateway) self_->send(*with_.gateway, define_atom_v);
  if (next->dials_out) link_to(next->home, role::server);
}

link_terms supervisor_state::terms_of(const std::string& peer, role peer_role) const {
  auto self = env_->self.now();
  link_terms terms;
  terms.wanted = neighbour_role(*self, peer) == peer_role;
  auto* known_client = self->find_client(peer);
  terms.keep =
      terms.wanted && ((known_client && known_client->dials_out) || (self->dials_out && peer == self->home));
  terms.can_dial = where_to_dial(*self, peer) && (!known_client || !known_client->dials_out);
  return terms;
}

link_actor supervisor_state::link_to(const std::string& peer, role peer_role) {
  auto who = std::pair{peer, peer_role};
  if (auto known = links_.find(who); known != links_.end()) return known->second;
  auto local = spawn<local_hop_state>(self_->system(), env_, peer, peer_role,
                                      circuit_services{hops(), with_.journal, with_.jobs, with_.dispatcher});
  auto link =
      spawn<link_state>(self_->system(), env_, link_config{terms_of(peer, peer_role), peer, peer_role},
                        std::move(local), with_.resolver, return_watcher_actor{supervisor_actor{self_}});
  self_->monitor(link);
  links_.emplace(who, link);
  return link;
}

caf::result<hop_actor> supervisor_state::find_hop(const std::string& peer, const endpoints& where) {
  auto peer_role = neighbour_role(*env_->self.now(), peer);
  if (!peer_role)
    return to_error({errc::no_route, env_->self->node, peer + " is no neighbour of " + env_->self->node});
  auto link = link_to(peer, *peer_role);
  self_->send(link, dial_atom_v, where);
  return caf::actor_cast<hop_actor>(link);
}

// Not all in the same instant: each of them will ask for its circuit.
void supervisor_state::tell_returned(const std::vector<return_book::asker>& askers) {
  auto wait = first_word;
  for (const auto& asker : askers) {
    auto known = neighbour_role(*env_->self.now(), asker.name);
    if (!known) continue;
    const auto jitter = std::chrono::milliseconds(env_->random() % std::uint64_t(longest_jitter.count()));
    self_->delayed_send(link_to(asker.name, *known), wait + jitter, returned_atom_v, asker.transfer);
    wait += between_words;
  }
}

caf::result<ping_report> supervisor_state::ping(const ping_order& order) {
  if (order.host == env_->self->node) return ping_report{.host = order.host};
  return self_->delegate(spawn<pinger_state>(self_->system(), env_, hops()), order);
}

caf::result<load_report> supervisor_state::load(const load_order& order) {
  if (order.host == env_->self->node)
    return to_error({errc::bad_config, env_->self->node, "there is no line to this node itself"});
  return self_->delegate(spawn<load_origin_state>(self_->system(), env_, hops(), false), order);
}

caf::result<node_status> supervisor_state::status() {
  auto reply = std::make_shared<answer_promise<node_status>>(self_->make_response_promise<node_status>());
  auto whole = std::make_shared<node_status>();
  whole->drained = env_->work->is_drained();
  auto open_questions = std::make_shared<std::size_t>(links_.size() + 1);
  auto answered = [reply, whole, open_questions] {
    if (--*open_questions == 0) reply->deliver(*whole);
  };
  for (const auto& [who, link] : links_) {
    auto take = [whole, answered](link_status row) {
      whole->links.push_back(std::move(row));
      answered();
    };
    self_->request(link, caf::infinite, status_atom_v)
        .then(
            [this, take, answered](const link_status& row) {
              bool was_a_neighbour = !row.up && neighbour_role(*env_->self.now(), row.peer) != row.peer_role;
              was_a_neighbour ? answered() : take(row);
            },
            [take, who = who](const caf::error&) {
              take({who.first, who.second, false, 0});
            });
  }
  if (!with_.dispatcher) {
    answered();
    return reply->promise();
  }
  self_->request(*with_.dispatcher, caf::infinite, hold_atom_v)
      .then(
          [whole, answered](bool held) {
            whole->held = held;
            answered();
          },
          [this, answered](const caf::error& no) {
            log_lost(*env_, "status does not know whether sends are held", to_failure(no, env_->self->node));
            answered();
          });
  return reply->promise();
}

// Children end with their supervisor: it holds them, and they are told in the order of who asks whom.
void supervisor_state::stop() {
  auto end = [this](const auto& actor) { self_->send_exit(actor, caf::exit_reason::user_shutdown); };
  if (with_.dispatcher) end(*with_.dispatcher);
  if (with_.sessions) end(*with_.sessions);
  if (with_.gateway) end(*with_.gateway);
  if (with_.spools) end(*with_.spools);
  // Or a point would take the end of its own node's links for its receivers', and tell its sender so.
  for (const auto& each : env_->broadcasts->all())
    if (auto point = env_->broadcasts->owner_of(*each))
      self_->send_exit(point, caf::exit_reason::user_shutdown);
  for (const auto& [who, link] : links_) end(link);
  if (drainer_) end(drainer_);
  end(with_.resolver);
  end(with_.jobs);
  end(with_.journal);
  self_->quit();
}

} // namespace hublink
