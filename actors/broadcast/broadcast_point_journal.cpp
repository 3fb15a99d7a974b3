/// The broadcaster's part in what outlives its node's process.
#include "actors/broadcast/broadcast_point.hpp"
#include "actors/ports/ids.hpp"

#include <iterator>

namespace hublink {

store_terms broadcast_point_state::terms() const {
  auto self = env_->self.now();
  auto* known = stores_here(*self, told_);
  if (!known) return {};
  return {known->store, now_ms(*env_) + std::int64_t(known->store_s) * 1000,
          known->store == store_policy::only, false};
}

// What was left of an earlier process, or waits in the store. The receivers' words of then stand; the others
// are asked.
void broadcast_point_state::resume(const transfer_id& transfer) {
  if (missing_ways_ > 0) return;
  bool adopted = !broadcast_;
  resumed_ = true;
  if (adopted) {
    broadcast_ = env_->broadcasts->adopt(transfer, caf::weak_actor_ptr{self_->ctrl()});
    if (!broadcast_) return self_->quit(); // the sender was faster
    told_ = broadcast_->told;
    if (broadcast_->policy != store_policy::never) broadcast_->board->wait_for_unreachable(env_->self->node);
    listen_to_words();
  }
  bool too_old = broadcast_->policy != store_policy::never && broadcast_->until_ms <= now_ms(*env_);
  if (too_old) {
    if (adopted) expire();
  } else {
    auto names = whose_turn(adopted ? broadcast_->board->unsettled() : broadcast_->board->waiting());
    broadcast_->board->ask_again(names);
    find_ways(names);
  }
  leave_if_over();
}

std::vector<std::string> broadcast_point_state::whose_turn(const std::vector<std::string>& names) {
  if (broadcast_->policy == store_policy::never || broadcast_->held->offer().cancel) return names;
  auto wait = [this](const std::string& name, const std::string& why) {
    broadcast_->board->say({name, {}, {}, {errc::stored, env_->self->node, why}, {}});
  };
  std::vector<std::string> first;
  for (const auto& name : names)
    if (broadcast_->held_back)
      wait(name, "the store keeps the file until somebody has it delivered");
    else if (env_->broadcasts->is_first_for(*broadcast_, name))
      first.push_back(name);
    else
      wait(name, "the store keeps the file behind an earlier one of the same file ID");
  return first;
}

// Its room is free at once; what became of the receivers waits for the sender.
void broadcast_point_state::expire() {
  for (const auto& name : broadcast_->board->unsettled())
    broadcast_->board->say(
        {name,
         {},
         {},
         {errc::expired, env_->self->node, "the store has kept the file for as long as it may"},
         {}});
  broadcast_->expired = true;
  env_->files.drop_spool(told_.transfer);
  env_->broadcasts->touch(told_.transfer, now_ms(*env_));
  keep_words();
}

void broadcast_point_state::consult(const consulted& asked) {
  if (asked.question.subject == consult_owner::about::safe) return keep_synced();
  decide(asked.question.offer);
}

void broadcast_point_state::listen_to_words() {
  caf::weak_actor_ptr weak{self_->ctrl()};
  listens_ = broadcast_->board->tellers().add([weak] {
    if (auto alive = weak.lock())
      caf::anon_send(caf::actor_cast<broadcast_point_actor>(alive), results_atom_v);
  });
}

// Durable before the file is touched: what the journal says is never more than the file has.
void broadcast_point_state::keep_offer() {
  bool waits = broadcast_->policy != store_policy::never && !broadcast_->held->offer().cancel;
  broadcast_->board->wait_for_unreachable(waits ? env_->self->node : "");
  auto open_ones = broadcast_->board->begin_attempt();
  broadcast_->saved_words = 0;
  broadcast_->saved_head = false;
  auto change = unsaved_state(*broadcast_, now_ms(*env_));
  auto& held = change.now.held;
  change.clears_failures = !broadcast_->expired;
  if (change.drops_parts_from == 0 && held.end.empty()) change.drops_parts_from = held.chunks + 1;
  save(std::move(change), [this, open_ones = std::move(open_ones)](const outcome<>& saved) {
    if (!circuit_) return;
    if (!saved) return env_->plane.resume(circuit_, {verdict::kind::refuse, saved.error(), {}});
    find_ways(whose_turn(open_ones));
    env_->plane.resume(circuit_, {});
  });
}

void broadcast_point_state::keep_synced() {
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

// One change at a time, with all words that came meanwhile: there may be ten thousand receivers.
void broadcast_point_state::keep_words() {
  if (forgotten_ || saving_words_) return;
  std::vector<branch_record> words;
  auto known = broadcast_->saved_words;
  for (auto news = broadcast_->board->news(known); !news.empty(); news = broadcast_->board->news(known))
    std::move(news.begin(), news.end(), std::back_inserter(words));
  if (words.empty()) return;
  if (!circuit_) { // the sender has to come for them
    broadcast_->delivered = false;
    broadcast_->recalls = 0;
    broadcast_->recall_ms = 0;
  }
  broadcast_->saved_words = known;
  auto change = unsaved_state(*broadcast_, now_ms(*env_));
  change.now.words = std::move(words);
  saving_words_ = true;
  save(std::move(change), [this](const outcome<>& saved) {
    saving_words_ = false;
    if (saved) keep_words();
    leave_if_over();
  });
}

void broadcast_point_state::save(spool_change change, std::function<void(const outcome<>&)> then) {
  self_->request(journal_, caf::infinite, save_atom_v, std::move(change))
      .then([then] { then({}); },
            [this, then](const caf::error& no) {
              broadcast_->saved_part.reset(); // the next change brings all again
              broadcast_->saved_words = 0;
              broadcast_->saved_head = false;
              then(to_failure(no, env_->self->node));
            });
}

} // namespace hublink
