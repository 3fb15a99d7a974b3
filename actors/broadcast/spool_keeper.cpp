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

/// Somebody has a receipt that the sender may not have, and nobody is being asked any more; or what is here
/// is no good.
bool needs_sender(const broadcast& one) {
  if (one.held->is_distrusted()) return true;
  return !one.delivered && one.held->held().complete && one.board->all_settled() && one.board->size() > 0;
}

} // namespace

spool_keeper_state::~spool_keeper_state() {
  for (const auto& one : resumed_) caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  for (const auto& one : recallers_) caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
}

spool_keeper_actor::behavior_type spool_keeper_state::start(environment_ptr env, hop_services services,
                                                            spool_journal_actor journal) {
  env_ = std::move(env);
  services_ = std::move(services);
  journal_ = std::move(journal);
  store_.emplace(*env_->broadcasts);
  self_->set_down_handler([this](const caf::down_msg& who) {
    std::erase_if(resumed_, [&](const auto& one) { return one.address() == who.source; });
    std::erase_if(recallers_, [&](const auto& one) { return one.address() == who.source; });
    serve_store();
  });
  return {
      [this](recover_atom) {
        auto promise = self_->make_response_promise<void>();
        self_->request(journal_, caf::infinite, spools_atom_v)
            .then(
                [this, promise](std::vector<spool_record>& kept) mutable {
                  take_up(std::move(kept));
                  static_cast<caf::response_promise&>(promise).deliver(caf::unit);
                },
                [promise](const caf::error& no) mutable { promise.deliver(no); });
        return promise;
      },
      [this](caf::tick_atom) { look_after(); },
      [this](neighbour_atom, const std::string& peer) {
        store_->note_neighbour(peer);
        serve_store();
      },
      [this](spools_atom) { return store_->rows(); },
      [this](deliver_atom, const transfer_id& transfer) { return deliver(transfer); },
  };
}

// Where all is here, the receivers without a word are asked at once; else the sender comes again.
void spool_keeper_state::take_up(std::vector<spool_record> kept) {
  std::vector<kept_spool> files;
  for (auto& one : kept) {
    files.push_back({one.transfer, 0, 0});
    auto transfer = one.transfer;
    if (auto read = env_->broadcasts->restore(std::move(one)); !read) drop(transfer);
  }
  for (auto& each : env_->broadcasts->idle()) {
    auto held = each->held->held();
    auto size = each->held->offer().size;
    for (auto& file : files)
      if (file.transfer == each->told.transfer)
        if (!each->expired)
          file = {file.transfer, spool::length_of(held.chunks, size, held.chunk_size), size};
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
  auto now = now_ms(*env_);
  for (const auto& one : env_->broadcasts->idle()) {
    if (drop_if_old(*one) || !needs_sender(*one)) continue;
    if (one->recall_ms == 0) one->recall_ms = now + pause_before_asking(0, longest_recall_pause).count();
    if (one->recall_ms <= now) recall(one);
  }
  serve_store();
}

bool spool_keeper_state::drop_if_old(const broadcast& one) {
  auto keep = std::int64_t(env_->self->limits.keep_partial_days) * 86'400'000;
  if (std::max(one.used_ms, one.until_ms) >= now_ms(*env_) - keep) return false;
  drop(one.told.transfer);
  return true;
}

void spool_keeper_state::recall(const std::shared_ptr<broadcast>& one) {
  one->recall_ms = now_ms(*env_) + pause_before_asking(++one->recalls, longest_recall_pause).count();
  open request;
  request.kind = circuit_kind::request;
  request.transfer = one->told.transfer;
  request.attempt = std::uint32_t(one->recalls);
  request.file = one->told.file;
  request.source = one->held->offer().sender;
  const auto request_for = *request.source;
  auto recaller = spawn<recaller_state>(self_->system(), env_, services_);
  self_->monitor(recaller);
  recallers_.push_back(recaller);
  self_->request(recaller, caf::infinite, recall_atom_v, std::move(request))
      .then(
          [this, one](const transfer_record& there) {
            if (!is_settled(there)) return; // it comes
            one->delivered = true;
            if (there.state == transfer_state::done || there.state == transfer_state::cancelled)
              drop(there.transfer);
          },
          note_lost(env_, request_for + " was not asked to come for results, and is asked again later",
                    one->told.transfer));
}

void spool_keeper_state::serve_store() {
  for (const auto& one : store_->due(now_ms(*env_))) ask(*one);
}

void spool_keeper_state::ask(const broadcast& one) {
  store_->note_asked(one, now_ms(*env_));
  auto transfer = one.held->offer().transfer;
  if (auto owner = env_->broadcasts->owner_of(one))
    return self_->send(caf::actor_cast<broadcast_point_actor>(owner), resume_atom_v, transfer);
  auto point = spawn<broadcast_point_state>(self_->system(), env_, services_, journal_);
  self_->monitor(point);
  self_->send(point, resume_atom_v, transfer);
  resumed_.push_back(std::move(point));
}

caf::result<stored_transfer> spool_keeper_state::deliver(const transfer_id& transfer) {
  if (auto one = store_->release(transfer)) {
    ask(*one);
    return row_of(*one);
  }
  return to_error({errc::bad_config, env_->self->node,
                   "transfer " + transfer + " waits for nobody in the store of " + env_->self->node +
                       "; see hublink stored"});
}

void spool_keeper_state::drop(const transfer_id& transfer) {
  env_->broadcasts->forget(transfer);
  env_->files.drop_spool(transfer);
  self_->send(journal_, caf::delete_atom_v, transfer);
}

} // namespace hublink
