#include "actors/broadcast/spool_recorder.hpp"
#include "actors/ports/ids.hpp"
#include "actors/ports/note_lost.hpp"

#include <iterator>

namespace hublink {

spool_recorder::spool_recorder(broadcast_point_actor::pointer self, environment_ptr env,
                               spool_journal_actor journal, broadcast_table::entry of)
    : self_(self), env_(std::move(env)), journal_(std::move(journal)), of_(std::move(of)) {}

void spool_recorder::record_offer(done_handler done) {
  of_->saved_results = 0;
  of_->saved_head = false;
  auto change = unsaved_state(*of_, steady_ms(*env_));
  auto& held = change.now.held;
  change.clears_failures = !of_->expired;
  if (change.drops_parts_from == 0 && held.end.empty()) change.drops_parts_from = held.chunks + 1;
  save(std::move(change), std::move(done));
}

void spool_recorder::record_synced() {
  if (forgotten_) return;
  auto change = unsaved_state(*of_, steady_ms(*env_));
  auto chunks = change.now.held.chunks;
  bool complete = !change.now.held.end.empty();
  save(std::move(change), [this, chunks, complete](const outcome<>& saved) {
    if (!saved) return; // the next change brings it again
    of_->held->confirm(chunks, complete);
    of_->board->give_sign();
  });
}

void spool_recorder::record_results(const std::function<void()>& news, std::function<void()> saved) {
  if (forgotten_ || recording_results_) return;
  std::vector<branch_record> results;
  auto known = of_->saved_results;
  for (auto more = of_->board->news(known); !more.empty(); more = of_->board->news(known))
    std::move(more.begin(), more.end(), std::back_inserter(results));
  if (results.empty()) return;
  std::vector<std::string> names;
  for (const auto& result : results) names.push_back(result.name);
  news();
  of_->saved_results = known;
  auto change = unsaved_state(*of_, steady_ms(*env_));
  change.now.results = std::move(results);
  recording_results_ = true;
  save(std::move(change), [this, news, names, saved = std::move(saved)](const outcome<>& done) {
    recording_results_ = false;
    of_->board->keep(names); // what can't be written down is told, too: its sender waits for it
    if (done) record_results(news, saved);
    saved();
  });
}

void spool_recorder::forget() {
  forgotten_ = true;
  env_->broadcasts->forget(of_->key);
  env_->files.drop_spool(of_->key);
  self_->send(journal_, caf::delete_atom_v, of_->key);
}

void spool_recorder::save(spool_change change, done_handler done) {
  self_->request(journal_, caf::infinite, save_atom_v, std::move(change))
      .then([done] { done({}); },
            [this, done](const caf::error& no) {
              of_->saved_part.reset(); // the next change brings all again
              of_->saved_results = 0;
              of_->saved_head = false;
              auto why = to_failure(no, env_->self->node);
              log_lost(*env_, "what is new of a broadcast is not written down", why, of_->request.transfer);
              done(why);
            });
}

} // namespace hublink
