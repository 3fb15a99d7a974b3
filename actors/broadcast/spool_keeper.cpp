#include "actors/broadcast/spool_keeper.hpp"
#include "actors/base/spawn.hpp"
#include "actors/broadcast/broadcast_point.hpp"
#include "actors/broadcast/recaller.hpp"
#include "actors/broadcast/store_rules.hpp"
#include "actors/ports/ids.hpp"
#include "actors/ports/note_lost.hpp"
#include "actors/transfer/retry.hpp"

#include <algorithm>

namespace hublink {

namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 2s;
constexpr auto longest_recall_pause = 10min;
/// Who has sent nothing yet loses nothing by beginning anew, nor who has come since, over other ways.
constexpr std::int64_t keep_empty_ms = std::chrono::milliseconds{10min}.count();

/// An offer alone: nothing of it is here, and nobody said anything about it.
bool is_empty(const broadcast& entry) {
  auto held = entry.held->held();
  return held.chunks == 0 && !held.complete && entry.board->size() == 0;
}

/// Somebody has a receipt that the sender may not have, and nobody is being asked any more; or what is here
/// is no good.
bool needs_sender(const broadcast& entry) {
  if (entry.held->is_distrusted()) return true;
  return !entry.delivered && entry.held->held().complete && entry.board->all_settled() &&
         entry.board->size() > 0;
}

} // namespace

spool_keeper_state::~spool_keeper_state() {
  for (const auto& point : resumed_) caf::anon_send_exit(point.actor, caf::exit_reason::user_shutdown);
  for (const auto& recaller : recallers_) caf::anon_send_exit(recaller, caf::exit_reason::user_shutdown);
}

spool_keeper_actor::behavior_type spool_keeper_state::start(environment_ptr env, hop_services services,
                                                            spool_journal_actor journal) {
  env_ = std::move(env);
  services_ = std::move(services);
  journal_ = std::move(journal);
  store_.emplace(*env_->broadcasts);
  self_->set_down_handler([this](const caf::down_msg& who) {
    std::erase_if(resumed_, [&](const auto& point) { return point.actor.address() == who.source; });
    std::erase_if(recallers_, [&](const auto& recaller) { return recaller.address() == who.source; });
    serve_store();
  });
  return {
      [this](recover_atom) {
        auto promise = self_->make_response_promise<void>();
        self_->request(journal_, caf::infinite, spools_atom_v)
            .then(
                [this, promise](std::vector<spool_record>& kept) mutable {
                  take_up(std::move(kept));
                  answer_early();
                  static_cast<caf::response_promise&>(promise).deliver(caf::unit);
                },
                [this, promise](const caf::error& no) mutable {
                  answer_early();
                  promise.deliver(no);
                });
        return promise;
      },
      [this](caf::tick_atom) { look_after(); },
      [this](neighbour_atom, const std::string& peer) {
        store_->note_neighbour(peer);
        serve_store();
      },
      [this](spools_atom) -> caf::result<std::vector<stored_transfer>> {
        if (recovered_) return rows();
        auto promise = self_->make_response_promise<std::vector<stored_transfer>>();
        early_.emplace_back(promise);
        return promise;
      },
      [this](deliver_atom, const transfer_id& transfer) { return deliver(transfer); },
  };
}

// Where all is here, the receivers without a result are asked at once; else the sender comes again.
void spool_keeper_state::take_up(std::vector<spool_record> kept) {
  std::vector<kept_spool> files;
  for (auto& record : kept) {
    files.push_back({record.key});
    const auto key = record.key;
    if (auto read = env_->broadcasts->restore(std::move(record)); !read) drop(key);
  }
  for (auto& each : env_->broadcasts->idle()) each->share = {env_->spools, each->held->offer().sender, 1};
  for (auto& each : env_->broadcasts->idle()) {
    auto held = each->held->held();
    auto offer = each->held->offer();
    for (auto& file : files)
      if (file.key == each->key)
        if (!each->expired)
          file = {file.key, spool::length_of(held.chunks, offer.size, held.chunk_size), offer.sender};
  }
  for (const auto& lost : env_->files.take_up_spools(files)) drop(lost);
  for (auto& each : env_->broadcasts->idle()) {
    if (!each->held->held().complete || each->held->offer().cancel) continue;
    ask(*each);
  }
  self_->delayed_send(self_, look_every, caf::tick_atom_v);
}

void spool_keeper_state::look_after() {
  self_->delayed_send(self_, look_every, caf::tick_atom_v);
  auto now = steady_ms(*env_);
  const auto begun = env_->work->begin();
  for (const auto& entry : env_->broadcasts->idle()) {
    if (drop_if_old(*entry) || !begun || !needs_sender(*entry)) continue;
    if (entry->recall_ms == 0) entry->recall_ms = now + pause_before_asking(0, longest_recall_pause).count();
    if (entry->recall_ms <= now) recall(entry);
  }
  serve_store();
}

bool spool_keeper_state::drop_if_old(const broadcast& entry) {
  auto keep = std::int64_t(env_->self->limits.keep_partial_days) * 86'400'000;
  auto used = std::max(entry.used_ms, entry.until_ms);
  if (is_empty(entry) || env_->broadcasts->has_later_attempt(entry)) {
    used = entry.used_ms;
    keep = std::min(keep, keep_empty_ms);
  }
  if (used >= steady_ms(*env_) - keep) return false;
  drop(entry.key);
  return true;
}

void spool_keeper_state::recall(const std::shared_ptr<broadcast>& entry) {
  entry->recall_ms = steady_ms(*env_) + pause_before_asking(++entry->recalls, longest_recall_pause).count();
  open request;
  request.kind = circuit_kind::request;
  request.transfer = entry->request.transfer;
  request.attempt = std::uint32_t(entry->recalls);
  request.file = entry->request.file;
  request.source = entry->held->offer().sender;
  const auto request_for = *request.source;
  auto recaller = spawn<recaller_state>(self_->system(), env_, services_);
  self_->monitor(recaller);
  recallers_.push_back(recaller);
  self_->request(recaller, caf::infinite, recall_atom_v, std::move(request))
      .then(
          [this, entry](const transfer_record& there) {
            if (!is_settled(there)) return; // it comes
            entry->delivered = true;
            if (there.state == transfer_state::done || there.state == transfer_state::cancelled)
              drop(entry->key);
          },
          note_lost(env_, request_for + " was not asked to come for results, and is asked again later",
                    entry->request.transfer));
}

void spool_keeper_state::serve_store() {
  const auto begun = env_->work->begin();
  if (!begun) return;
  for (const auto& entry : store_->due(steady_ms(*env_))) ask(*entry);
}

void spool_keeper_state::ask(const broadcast& entry) {
  store_->note_asked(entry, steady_ms(*env_));
  if (auto owner = env_->broadcasts->owner_of(entry)) {
    auto point = caf::actor_cast<broadcast_point_actor>(owner);
    auto left = [this, key = entry.key](const caf::error&) { serve_alone(key); };
    return self_->request(point, caf::infinite, resume_atom_v, entry.key).then([] {}, std::move(left));
  }
  serve_alone(entry.key);
}

void spool_keeper_state::serve_alone(const transfer_key& transfer) {
  auto point = spawn<broadcast_point_state>(self_->system(), env_, services_, journal_);
  self_->monitor(point);
  self_->send(point, resume_atom_v, transfer);
  resumed_.push_back({std::move(point), env_->work->go_on()});
}

caf::result<stored_transfer> spool_keeper_state::deliver(const transfer_id& transfer) {
  auto begun = env_->work->begin(env_->self->node);
  if (!begun) return to_error(begun.error());
  const auto released = store_->release(transfer);
  for (const auto& entry : released) ask(*entry);
  if (!released.empty()) return as_shown(row_of(*released.front()));
  return to_error({errc::bad_config, env_->self->node,
                   "transfer " + transfer + " waits for nobody in the store of " + env_->self->node +
                       "; see hublink stored"});
}

void spool_keeper_state::answer_early() {
  recovered_ = true;
  for (auto& asker : early_) asker.deliver(rows());
  early_.clear();
}

std::vector<stored_transfer> spool_keeper_state::rows() const {
  auto rows = store_->rows();
  for (auto& row : rows) row = as_shown(std::move(row));
  return rows;
}

stored_transfer spool_keeper_state::as_shown(stored_transfer row) const {
  // To the second: two clocks, each cut to a millisecond, would show another time at each look.
  const auto apart = now_ms(*env_) - steady_ms(*env_);
  row.until_ms += (apart + (apart < 0 ? -500 : 500)) / 1000 * 1000;
  return row;
}

void spool_keeper_state::drop(const transfer_key& transfer) {
  env_->broadcasts->forget(transfer);
  env_->files.drop_spool(transfer);
  self_->send(journal_, caf::delete_atom_v, transfer);
}

} // namespace hublink
