#include "actors/transfer/transfer_record.hpp"

#include <algorithm>
#include <array>

namespace hublink {

namespace {
constexpr std::array<std::string_view, 9> state_names{
    "queued", "running", "done", "partial", "unconfirmed", "superseded", "failed", "cancelled", "spooled"};
}

std::string_view to_string(transfer_state state) { return state_names[static_cast<std::size_t>(state)]; }

std::optional<transfer_state> transfer_state_from_string(std::string_view name) {
  for (std::size_t i = 0; i < state_names.size(); ++i)
    if (state_names[i] == name) return static_cast<transfer_state>(i);
  return {};
}

std::string all_transfer_states() {
  std::string text;
  for (auto name : state_names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

transfer_key key_of(const transfer_record& record) { return {record.transfer, record.from, record.file}; }

const std::string& requester_of(const transfer_record& record) { return record.to.begin()->first; }

void set_state(transfer_record& record, transfer_state state) {
  record.state = state;
  for (auto& [name, each] : record.to) {
    bool is_known = each == transfer_state::failed && record.cancel_wanted; // it is not what was cancelled
    if (each != transfer_state::done && (!is_known || state == transfer_state::done)) each = state;
  }
}

void apply(transfer_record& record, const receiver_changes& what) {
  for (const auto& [name, state] : what.to) record.to[name] = state;
  for (const auto& job : what.jobs) keep_report(record, job);
}

void set_outcome(transfer_record& record, transfer_state state, std::int64_t now_ms,
                 std::optional<failure> why) {
  set_state(record, state);
  record.ended_ms = now_ms;
  record.reason = std::move(why);
}

void keep_end(transfer_record& record, attempt_end how) {
  constexpr std::size_t most = 20;
  if (record.broken.size() >= most) record.broken.erase(record.broken.begin());
  record.broken.push_back(std::move(how));
}

void keep_report(transfer_record& record, job_report how) {
  std::erase_if(record.jobs,
                [&](const auto& report) { return report.kind == how.kind && report.node == how.node; });
  if (record.job_due == how.kind) record.job_due.reset();
  record.jobs.push_back(std::move(how));
}

transfer_side side_of(job_kind kind) {
  return kind == job_kind::post_receive ? transfer_side::receiver : transfer_side::sender;
}

// Unconfirmed is no outcome yet: the receiver will be asked.
bool wants_post_send(const job_table& jobs, const transfer_record& record) {
  auto* job = jobs.find(record.file, job_kind::post_send);
  if (!job || !is_settled(record)) return false;
  bool well = record.state == transfer_state::done && !record.reason;
  using outcome = job_definition::outcome;
  return job->after == outcome::any || (job->after == outcome::done) == well;
}

const transfer_record* find_record(const std::vector<transfer_record>& among, const transfer_key& key,
                                   transfer_side side) {
  for (const auto& record : among)
    if (record.side == side && key_of(record) == key) return &record;
  return nullptr;
}

const job_report* find_report(const transfer_record& record, job_kind kind) {
  for (const auto& report : record.jobs)
    if (report.kind == kind) return &report;
  return nullptr;
}

const job_report* find_failed(const transfer_record& record, job_kind kind) {
  for (const auto& report : record.jobs)
    if (report.kind == kind && !report.result.good) return &report;
  return nullptr;
}

transfer_state state_of_all(const transfer_record& record) {
  auto has = [&](transfer_state state) {
    return std::any_of(record.to.begin(), record.to.end(),
                       [=](const auto& each) { return each.second == state; });
  };
  auto first = record.to.begin()->second;
  bool alike =
      std::all_of(record.to.begin(), record.to.end(), [=](const auto& each) { return each.second == first; });
  if (alike) return first;
  if (has(transfer_state::spooled)) return transfer_state::spooled;
  if (has(transfer_state::done)) return transfer_state::partial;
  return has(transfer_state::unconfirmed) ? transfer_state::unconfirmed : transfer_state::failed;
}

transfer_place place_of(const transfer_record& record) {
  return {record.started_ms, record.transfer, record.side, record.from, record.file};
}

bool is_settled(const transfer_record& record) {
  return is_final(record.state) && record.state != transfer_state::unconfirmed &&
         record.state != transfer_state::spooled;
}

bool is_final(transfer_state state) {
  return state != transfer_state::queued && state != transfer_state::running;
}

} // namespace hublink
