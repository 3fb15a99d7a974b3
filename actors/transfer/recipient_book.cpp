#include "actors/transfer/recipient_book.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace hublink {

namespace {

transfer_state state_by(const outcome<>& result) {
  if (result) return transfer_state::done;
  const auto& why = result.error();
  // A point may say that somebody can't be had, not what he has settled.
  const bool is_settled = why.code == errc::superseded || why.code == errc::cancelled;
  if (is_settled && why.by == evidence::seen) return transfer_state::failed;
  switch (why.code) {
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

void recipient_book::begin(transfer_record& record, const std::vector<std::string>& recipients,
                           const certificates& applied, const certificates& own) {
  const std::set<std::string> wanted(recipients.begin(), recipients.end());
  std::erase_if(record.to, [&](const auto& each) {
    return each.second != transfer_state::done && !wanted.count(each.first);
  });
  for (const auto& name : wanted) {
    record.to.try_emplace(name, transfer_state::queued);
    for (const auto* known : {&applied, &own})
      if (auto found = known->find(name); found != known->end()) certificates_.emplace(*found);
  }
}

broadcast_sending_config recipient_book::config(sending_end_config base, const transfer_record& record,
                                                const send_definition& definition) const {
  broadcast_sending_config broadcast{std::move(base)};
  broadcast.certificates = certificates_;
  for (const auto& [name, state] : record.to)
    if (state == transfer_state::done) broadcast.settled.emplace(name, outcome<>{});
  if (record.all_sent && !record.digest.empty()) broadcast.all_sent = checkpoint{record.size, record.digest};
  broadcast.until_spooled = definition.policy.until_spooled;
  return broadcast;
}

bool recipient_book::note(transfer_record& record, const std::vector<receiver_result>& results,
                          std::int64_t now_ms) {
  bool further = false;
  for (const auto& result : results) {
    auto state = state_by(result.result);
    if (!result.result && !is_for_good(result.result.error()))
      mendable_.insert(result.name);
    else
      mendable_.erase(result.name);
    auto& known = record.to[result.name];
    // A cancellation asks all without a receipt: also those that had failed before.
    if (state == transfer_state::cancelled && known == transfer_state::failed) state = known;
    unsaved_.to[result.name] = results_[result.name] = known = state;
    further = further || state == transfer_state::done;
    if (!result.job) continue;
    job_report report{
        .kind = job_kind::post_receive, .node = result.name, .result = *result.job, .ended_ms = now_ms};
    keep_report(record, report);
    unsaved_.jobs.push_back(std::move(report));
  }
  return further;
}

std::optional<receiver_changes> recipient_book::take_unsaved(const transfer_id& transfer) {
  if (unsaved_.to.empty()) return {};
  unsaved_.transfer = transfer;
  return std::exchange(unsaved_, {});
}

bool recipient_book::has_every_result(const transfer_record& record) const {
  return std::all_of(record.to.begin(), record.to.end(), [this](const auto& each) {
    return each.second == transfer_state::done || results_.count(each.first);
  });
}

void recipient_book::settle(transfer_record& record) const {
  for (const auto& [name, state] : results_) record.to[name] = state;
}

outcome<> check_plan(const std::vector<std::string>& planned, const std::vector<std::string>& recipients,
                     const std::string& here) {
  const std::set<std::string> there(planned.begin(), planned.end());
  const std::set<std::string> wanted(recipients.begin(), recipients.end());
  if (there.empty() || there == wanted) return {};
  auto difference = [](const auto& from, const auto& without) {
    for (const auto& name : from)
      if (!without.count(name)) return name;
    return std::string{};
  };
  auto extra = difference(there, wanted), missing = difference(wanted, there);
  return failure{errc::bad_config, here,
                 "the broadcast point plans for other receivers than this node (" +
                     (missing.empty() ? "also " + extra : "not " + missing) +
                     "): compare the topologies that they run with"};
}

const receiver_result* first_failed(const std::vector<receiver_result>& results) {
  auto failed = std::find_if(results.begin(), results.end(), [](const auto& result) {
    return !result.result && result.result.error().code != errc::stored;
  });
  return failed == results.end() ? nullptr : &*failed;
}

} // namespace hublink
