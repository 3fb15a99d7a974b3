/// The broadcaster's part in what outlives its node's process.
#include "actors/broadcaster.hpp"
#include "actors/ids.hpp"

#include <iterator>

namespace hublink {

// What was left of an earlier process. The receivers' words of then stand; the others are asked.
void broadcaster_state::resume(const transfer_id& transfer) {
  broadcast_ = env_->broadcasts.adopt(transfer, caf::weak_actor_ptr{self_->ctrl()});
  if (!broadcast_) return self_->quit(); // the sender was faster
  told_ = broadcast_->told;
  resumed_ = true;
  listen_to_words();
  find_ways(broadcast_->board->unsettled());
  leave_if_over();
}

void broadcaster_state::consult(const consulted& asked) {
  if (asked.question.subject == consult_owner::about::safe) return keep_synced();
  decide(asked.question.offer);
}

void broadcaster_state::listen_to_words() {
  caf::weak_actor_ptr weak{self_->ctrl()};
  listens_ = broadcast_->board->tellers().add([weak] {
    if (auto alive = weak.lock()) caf::anon_send(caf::actor_cast<broadcaster_actor>(alive), words_atom_v);
  });
}

// Durable before the file is touched: what the journal says is never more than the file has.
void broadcaster_state::keep_offer() {
  auto open_ones = broadcast_->board->begin_attempt();
  broadcast_->saved_words = 0;
  auto change = unsaved_state(*broadcast_, now_ms(*env_));
  auto& held = change.now.held;
  change.clears_failures = true;
  if (change.drops_parts_from == 0 && held.end.empty()) change.drops_parts_from = held.chunks + 1;
  save(std::move(change), [this, open_ones = std::move(open_ones)](const outcome<>& saved) {
    if (!circuit_) return;
    if (!saved) return env_->plane.resume(circuit_, {verdict::kind::refuse, saved.error(), {}});
    find_ways(open_ones);
    env_->plane.resume(circuit_, {});
  });
}

void broadcaster_state::keep_synced() {
  if (forgotten_) return;
  auto change = unsaved_state(*broadcast_, now_ms(*env_));
  auto chunks = change.now.held.chunks;
  bool complete = !change.now.held.end.empty();
  save(std::move(change), [this, chunks, complete](const outcome<>& saved) {
    if (!saved) return;
    broadcast_->held->confirm(chunks, complete);
    broadcast_->board->give_sign();
  });
}

void broadcaster_state::keep_words() {
  if (forgotten_) return;
  spool_change change;
  auto known = broadcast_->saved_words;
  for (auto news = broadcast_->board->news(known); !news.empty(); news = broadcast_->board->news(known))
    std::move(news.begin(), news.end(), std::back_inserter(change.now.words));
  if (change.now.words.empty()) return;
  broadcast_->saved_words = known;
  auto words = std::move(change.now.words);
  change = unsaved_state(*broadcast_, now_ms(*env_));
  change.now.words = std::move(words);
  save(std::move(change), [](const outcome<>&) {});
}

void broadcaster_state::save(spool_change change, std::function<void(const outcome<>&)> then) {
  self_->request(journal_, caf::infinite, save_atom_v, std::move(change))
      .then([then] { then({}); },
            [this, then](const caf::error& no) {
              broadcast_->saved_part.reset(); // the next change brings all again
              broadcast_->saved_words = 0;
              then(to_failure(no, env_->self->node));
            });
}

} // namespace hublink
