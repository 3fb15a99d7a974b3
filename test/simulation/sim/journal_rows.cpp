#include "simulation/sim/journal_rows.hpp"

#include "actors/transfer/receive_rules.hpp"

#include <algorithm>

namespace hublink::sim {

void journal_rows::save(const spool_change& change) {
  auto& row = spools[change.now.key];
  auto& results = spool_results[change.now.key];
  auto parts = std::move(row.held.parts);
  if (change.whole) {
    row = change.now;
    row.results.clear();
  } else {
    auto offer = std::move(row.held.offer);
    row.held = change.now.held;
    row.held.offer = std::move(offer);
    row.used_ms = change.now.used_ms;
  }
  if (change.drops_parts_from > 0)
    std::erase_if(parts, [&](const auto& part) { return part->first >= change.drops_parts_from; });
  if (change.clears_failures)
    std::erase_if(results, [](const auto& result) { return result.second.type != record_type::receipt; });
  for (const auto& result : change.now.results) results[result.name] = result;
  parts.insert(parts.end(), change.now.held.parts.begin(), change.now.held.parts.end());
  row.held.parts = std::move(parts);
}

void journal_rows::drop_spool(const transfer_key& transfer) {
  spools.erase(transfer);
  spool_results.erase(transfer);
}

std::vector<spool_record> journal_rows::all_spools() const {
  std::vector<spool_record> all;
  for (const auto& [transfer, row] : spools) {
    all.push_back(row);
    for (const auto& [name, result] : spool_results.at(transfer)) all.back().results.push_back(result);
  }
  return all;
}

transfer_record journal_rows::enqueue(transfer_record record) {
  if (!record.request.empty())
    if (auto served = requests.find({requester_of(record), record.file, record.request});
        served != requests.end())
      return *find(served->second, transfer_side::sender);
  record.sequence = ++sequences[record.file];
  save(record);
  return record;
}

void journal_rows::save(const transfer_record& record) {
  records[{key_of(record), record.side}] = record;
  records[{key_of(record), record.side}].saved_ms = steady_ms;
  if (!record.request.empty())
    requests.emplace(request_name{requester_of(record), record.file, record.request}, key_of(record));
  auto kept = publications.find(key_of(record));
  if (ends_publication(record) && kept != publications.end() && !kept->second.done) publications.erase(kept);
}

const transfer_record* journal_rows::find(const transfer_key& transfer, transfer_side side) const {
  auto found = records.find({transfer, side});
  return found == records.end() ? nullptr : &found->second;
}

const transfer_record* journal_rows::find(const transfer_id& transfer, transfer_side side) const {
  auto found = std::find_if(records.begin(), records.end(), [&](const auto& row) {
    return row.first.first.transfer == transfer && row.first.second == side;
  });
  return found == records.end() ? nullptr : &found->second;
}

verdict journal_rows::admit(const transfer_offer& offer, std::int64_t now_ms) {
  auto* record = find(key_of(offer), transfer_side::receiver);
  std::optional<known_transfer> known;
  if (record) {
    auto kept = publications.find(key_of(offer));
    known = known_of(*record, kept != publications.end() ? &kept->second.what : nullptr);
  }
  auto last = published.find({offer.sender, offer.file});
  auto answer = hublink::admit(known, last == published.end() ? 0 : last->second, offer);
  auto stored = record ? std::optional{*record} : std::nullopt;
  if (auto* no = std::get_if<decision::refuse>(&answer); no && no->why.code == errc::cancelled)
    save(cancelled_record(stored, offer, now_ms));
  else if (auto* wanted = std::get_if<decision::welcome>(&answer))
    save(admitted_record(stored, offer, wanted->safe, now_ms));
  return answer;
}

outcome<> journal_rows::update(const transfer_record& record) {
  auto allowed = may_save(find(key_of(record), record.side), record);
  if (allowed) save(record);
  return allowed;
}

outcome<transfer_record> journal_rows::cancel(const transfer_id& transfer, std::int64_t now_ms) {
  auto* record = find(transfer, transfer_side::receiver);
  auto known = record ? std::optional{*record} : std::nullopt;
  if (auto allowed = may_cancel(transfer, known, record && publications.count(key_of(*record)) > 0); !allowed)
    return allowed.error();
  auto cancelled = cancelled_record(known, {}, now_ms);
  save(cancelled);
  return cancelled;
}

outcome<> journal_rows::publish(const publication& what) {
  auto* record = find(what.key, transfer_side::receiver);
  if (!record) return {errc::failed, "the transfer was never admitted"};
  auto last = published.find({record->from, record->file});
  open_publication open;
  for (const auto& [key, kept] : publications) {
    auto* other = find(key, transfer_side::receiver);
    bool is_of_it =
        other && !kept.done && key != what.key && other->from == record->from && other->file == record->file;
    if (is_of_it && other->sequence > open.sequence)
      open = {other->sequence, other->state == transfer_state::running};
  }
  auto allowed =
      may_publish(known_of(*record), record->sequence, last == published.end() ? 0 : last->second, open);
  if (!allowed) return allowed;
  std::erase_if(publications,
                [&](const auto& row) { return !row.second.done && row.second.what.path == what.path; });
  publications[what.key] = {what, false};
  return {};
}

void journal_rows::commit(const transfer_key& transfer, std::int64_t now_ms) {
  auto kept = publications.find(transfer);
  auto record = records.find({transfer, transfer_side::receiver});
  if (kept == publications.end() || record == records.end()) return;
  kept->second.done = true;
  auto& done = record->second;
  done = published_record(done, kept->second.what, now_ms);
  auto& last = published[{done.from, done.file}];
  last = std::max(last, done.sequence);
}

void journal_rows::keep(const transfer_key& transfer, const job_report& how) {
  auto record = records.find({transfer, side_of(how.kind)});
  if (record != records.end()) keep_report(record->second, how);
}

void journal_rows::keep(const receiver_changes& what) {
  for (auto& [key, record] : records)
    if (key.first.transfer == what.transfer && key.second == transfer_side::sender) apply(record, what);
}

std::vector<publication> journal_rows::begin() {
  for (auto& [key, record] : records)
    if (record.side == transfer_side::receiver && !is_final(record.state)) {
      record.state = transfer_state::queued;
      record.reason = failure{errc::cut, {}, "the node stopped while it received"};
    }
  std::vector<publication> unfinished;
  for (const auto& [transfer, kept] : publications)
    if (!kept.done) unfinished.push_back(kept.what);
  return unfinished;
}

transfer_tally journal_rows::tally(const tally_query& query) const {
  transfer_tally all;
  for (const auto& [key, record] : records) {
    if (is_settled(record) || (query.files && !query.files->count(record.file))) continue;
    ++(record.state == transfer_state::queued ? all.queued : all.running);
  }
  return all;
}

namespace {

/// They are listed by their keys here, which grow with time.
bool is_behind(const transfer_record& record, const transfer_place& last) {
  const transfer_key end{last.transfer, last.from, last.file};
  return std::pair{key_of(record), record.side} < std::pair{end, last.side};
}

} // namespace

std::vector<transfer_record> journal_rows::list(const transfer_query& query) const {
  std::vector<transfer_record> found;
  for (auto row = records.rbegin(); row != records.rend() && found.size() < query.limit; ++row) {
    const auto& record = row->second;
    bool matches = !query.finished || *query.finished == is_settled(record) ||
                   (*query.finished && is_final(record.state));
    if (!matches) continue;
    if (query.after && !is_behind(record, *query.after)) continue;
    if (!query.transfer.empty() && query.transfer != record.transfer) continue;
    if (!query.file.empty() && query.file != record.file) continue;
    if (query.job_due && !record.job_due) continue;
    if (query.state && *query.state != record.state) continue;
    if (!query.host.empty() && query.host != record.from && !record.to.count(query.host)) continue;
    if (query.since_ms && record.started_ms < *query.since_ms) continue;
    if (query.until_ms && record.started_ms >= *query.until_ms) continue;
    if (!query.request.empty()) {
      auto served = requests.find({query.requester, query.file, query.request});
      if (served == requests.end() || row->first != key{served->second, transfer_side::sender}) continue;
    }
    found.push_back(record);
  }
  return found;
}

} // namespace hublink::sim
