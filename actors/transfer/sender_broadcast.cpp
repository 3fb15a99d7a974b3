#include "actors/ports/ids.hpp"
#include "actors/transfer/retry.hpp"
#include "actors/transfer/sender.hpp"
#include "protocol/broadcast/broadcast_ends.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace hublink {

namespace {

transfer_state state_by(const outcome<>& word) {
  if (word) return transfer_state::done;
  switch (word.error().code) {
  case errc::stored:
    return transfer_state::spooled;
  case errc::unconfirmed:
    return transfer_state::unconfirmed;
  case errc::superseded:
    return transfer_state::superseded;
  case errc::cancelled:
    return transfer_state::cancelled;
  default:
    return transfer_state::failed;
  }
}

} // namespace

// An attempt is sealed for whom the definition names now: who was added since the last one gets it too, who
// was taken out and has not got it is not asked any more.
void sender_state::take_recipients(const definition& self) {
  const std::set<std::string> wanted(definition_.recipients.begin(), definition_.recipients.end());
  std::erase_if(record_.to, [&](const auto& each) {
    return each.second != transfer_state::done && !wanted.count(each.first);
  });
  const auto& own = env_->certificates;
  for (const auto& name : wanted) {
    record_.to.try_emplace(name, transfer_state::queued);
    for (const auto* known : {&self.certificates, &own}) // what a manager applied goes first
      if (auto found = known->find(name); found != known->end()) certificates_.emplace(*found);
  }
}

// Who adds a receiver gets one that can open nothing, who leaves one out would show late: say so at once.
outcome<> sender_state::check_plan(const std::vector<std::string>& receivers) const {
  std::set<std::string> planned(receivers.begin(), receivers.end());
  std::set<std::string> wanted(definition_.recipients.begin(), definition_.recipients.end());
  if (planned.empty() || planned == wanted) return {};
  auto difference = [](const auto& from, const auto& without) {
    for (const auto& name : from)
      if (!without.count(name)) return name;
    return std::string{};
  };
  auto extra = difference(planned, wanted), missing = difference(wanted, planned);
  return failure{errc::bad_config, env_->self->node,
                 "the broadcast point plans for other receivers than this node (" +
                     (missing.empty() ? "also " + extra : "not " + missing) +
                     "): compare the topologies that they run with"};
}

void sender_state::run_broadcast(sending_end_config config) {
  broadcast_sending_config broadcast{std::move(config)};
  broadcast.certificates = certificates_;
  for (const auto& [name, state] : record_.to)
    if (state == transfer_state::done) broadcast.settled.emplace(name, outcome<>{});
  if (record_.all_sent && !record_.digest.empty())
    broadcast.all_sent = checkpoint{record_.size, record_.digest};
  broadcast.until_spooled = definition_.until_spooled;
  env_->plane.run(origin_->circuit(), make_broadcast_sending_end(std::move(broadcast)),
                  env_->files.source(definition_.path));
}

void sender_state::note_words(const std::vector<receiver_result>& words) {
  for (const auto& word : words) {
    auto state = state_by(word.result);
    auto& known = record_.to[word.name];
    // A cancellation asks all without a receipt: also those that had failed before.
    if (state == transfer_state::cancelled && known == transfer_state::failed) state = known;
    unsaved_.to[word.name] = words_[word.name] = known = state;
    if (state == transfer_state::done) came_further_ = true;
    if (!word.job) continue;
    job_report report{job_kind::post_receive, word.name, *word.job, {}, 0, now_ms(*env_)};
    keep_report(record_, report);
    unsaved_.jobs.push_back(std::move(report));
  }
  save_words();
  if (definition_.stop_others) stop_others(words);
}

// One change at a time, with all words that came meanwhile: there may be ten thousand receivers.
void sender_state::save_words() {
  if (saving_words_ || unsaved_.to.empty()) return;
  saving_words_ = true;
  unsaved_.transfer = record_.transfer;
  auto change = std::exchange(unsaved_, {});
  self_->request(services_.journal, caf::infinite, save_atom_v, change)
      .then(
          [this, change] {
            saving_words_ = false;
            self_->send(services_.dispatcher, change);
            save_words();
          },
          [this](const caf::error& no) { not_saved(no); });
}

// The next attempt lets each of them say whether it has published.
void sender_state::stop_others(const std::vector<receiver_result>& words) {
  auto failed = std::find_if(words.begin(), words.end(), [](const auto& word) {
    return !word.result && word.result.error().code != errc::stored;
  });
  if (failed == words.end() || record_.cancel_wanted || has_every_word()) return;
  record_.cancel_wanted = true;
  auto text = failed->name + " failed (" + failed->result.error().text + "), and on_error is stop_others";
  origin_->close({errc::cancelled, env_->self->node, text});
}

bool sender_state::has_every_word() const {
  if (!is_broadcast()) return false;
  return std::all_of(record_.to.begin(), record_.to.end(), [this](const auto& each) {
    return each.second == transfer_state::done || words_.count(each.first);
  });
}

// The broadcast point has tried again what may come right by itself: only `retry` asks for more.
void sender_state::settle_words(failure why) {
  record_.broken_in_a_row = came_further_ ? 1 : record_.broken_in_a_row + 1;
  broken_attempt how{why.code, true, record_.broken_in_a_row};
  bool more = definition_.retry.count > 0 && !record_.cancel_wanted;
  if (auto after = more ? pause_before_next(definition_.retry, how) : std::nullopt) return pause(*after, why);
  finish(transfer_state::failed, std::move(why));
}

} // namespace hublink
