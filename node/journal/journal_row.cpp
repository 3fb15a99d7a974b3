#include "node/journal/journal_row.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

namespace {

std::string receivers_text(const std::map<std::string, transfer_state>& to) {
  nlohmann::json all = nlohmann::json::object();
  for (const auto& [name, state] : to) all[name] = to_string(state);
  return all.dump();
}

std::string facts_text(const file_facts& facts) {
  return nlohmann::json::array({facts.size, facts.modified_ns, facts.mode}).dump();
}

std::optional<file_facts> facts_from(const std::string& text) {
  auto all = nlohmann::json::parse(text, nullptr, false);
  // An earlier version had three more, of the inode, before the mode.
  if (!all.is_array() || (all.size() != 3 && all.size() != 6)) return {};
  return file_facts{all[0], all[1], all.back()};
}

std::string jobs_text(const std::vector<job_report>& jobs) {
  auto all = nlohmann::json::array();
  for (const auto& job : jobs)
    all.push_back({to_string(job.kind), job.node, job.result.good, job.result.text, job.output,
                   job.started_ms, job.ended_ms});
  return all.dump();
}

std::vector<job_report> jobs_from(const std::string& text) {
  std::vector<job_report> jobs;
  const auto all = nlohmann::json::parse(text);
  for (const auto& job : all)
    if (auto kind = job_kind_from_string(job.at(0).get<std::string>()))
      jobs.push_back({*kind, job.at(1), {job.at(2), job.at(3)}, job.at(4), job.at(5), job.at(6)});
  return jobs;
}

std::string attempts_text(const std::vector<attempt_end>& attempts) {
  auto all = nlohmann::json::array();
  for (const auto& [attempt, ended_ms, why] : attempts)
    all.push_back({attempt, ended_ms, to_string(why.code), why.hop, why.text});
  return all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<attempt_end> attempts_from(const std::string& text) {
  std::vector<attempt_end> attempts;
  const auto all = nlohmann::json::parse(text);
  for (const auto& attempt : all)
    attempts.push_back({attempt.at(0),
                        attempt.at(1),
                        {errc_from_string(attempt.at(2).get<std::string>()), attempt.at(3), attempt.at(4)}});
  return attempts;
}

} // namespace

transfer_record read_record(SQLite::Statement& row) {
  transfer_record record;
  record.transfer = row.getColumn(0).getString();
  record.side = static_cast<transfer_side>(row.getColumn(1).getInt());
  record.file = row.getColumn(2).getString();
  record.from = row.getColumn(3).getString();
  // Named: `items()` of a temporary would outlive what it refers to.
  const auto receivers = nlohmann::json::parse(row.getColumn(4).getString());
  for (const auto& [name, state] : receivers.items())
    record.to[name] = transfer_state_from_string(state.get<std::string>()).value_or(transfer_state::failed);
  record.state = transfer_state_from_string(row.getColumn(5).getString()).value_or(transfer_state::failed);
  record.sequence = std::uint64_t(row.getColumn(7).getInt64());
  record.attempt = row.getColumn(8).getUInt();
  record.all_sent = row.getColumn(9).getInt() != 0;
  record.bytes = std::uint64_t(row.getColumn(10).getInt64());
  record.size = std::uint64_t(row.getColumn(11).getInt64());
  record.started_ms = row.getColumn(12).getInt64();
  if (!row.getColumn(13).isNull()) record.ended_ms = row.getColumn(13).getInt64();
  if (!row.getColumn(14).isNull())
    record.reason = failure{errc_from_string(row.getColumn(14).getString()), row.getColumn(15).getString(),
                            row.getColumn(16).getString()};
  record.path = row.getColumn(17).getString();
  record.digest = row.getColumn(18).getString();
  record.generation = row.getColumn(19).getUInt();
  if (!row.getColumn(20).isNull()) record.source = facts_from(row.getColumn(20).getString());
  record.safe = {std::uint64_t(row.getColumn(21).getInt64()), row.getColumn(22).getString()};
  record.cancel_wanted = row.getColumn(23).getInt() != 0;
  record.not_before_ms = row.getColumn(24).getInt64();
  if (!row.getColumn(25).isNull()) record.rate = std::uint64_t(row.getColumn(25).getInt64());
  if (!row.getColumn(26).isNull()) record.jobs = jobs_from(row.getColumn(26).getString());
  if (!row.getColumn(27).isNull()) record.job_due = job_kind_from_string(row.getColumn(27).getString());
  if (!row.getColumn(28).isNull()) record.broken = attempts_from(row.getColumn(28).getString());
  record.saved_ms = row.getColumn(29).getInt64();
  if (auto by = row.getColumn("requested_by"); !by.isNull()) {
    record.requested_by = by.getString();
    record.resend_of = row.getColumn("resend_of").getString();
  }
  return record;
}

void bind_receiver(SQLite::Statement& row, const transfer_id& transfer, const std::string& name,
                   transfer_state state, const job_report* job) {
  row.bind(1, transfer);
  row.bind(2, name);
  row.bind(3, std::string(to_string(state)));
  if (job) row.bind(4, jobs_text({*job}));
}

void read_receiver(SQLite::Statement& row, receiver_changes& into) {
  auto state = transfer_state_from_string(row.getColumn(1).getString());
  into.to[row.getColumn(0).getString()] = state.value_or(transfer_state::failed);
  if (row.getColumn(2).isNull()) return;
  for (auto& job : jobs_from(row.getColumn(2).getString())) into.jobs.push_back(std::move(job));
}

publication read_publication(SQLite::Statement& row) {
  auto receipt = row.getColumn(7);
  auto* data = static_cast<const std::byte*>(receipt.getBlob());
  return {{row.getColumn(0).getString(), row.getColumn(1).getString(), row.getColumn(2).getString()},
          row.getColumn(3).getUInt(),
          row.getColumn(4).getString(),
          row.getColumn(5).getString(),
          std::uint64_t(row.getColumn(6).getInt64()),
          bytes(data, data + receipt.getBytes()),
          row.getColumn(8).getInt() != 0,
          row.getColumn(9).getInt() != 0};
}

void bind_record(SQLite::Statement& row, const transfer_record& record) {
  row.bind(1, record.transfer);
  row.bind(2, int(record.side));
  row.bind(3, record.file);
  row.bind(4, record.from);
  row.bind(5, receivers_text(record.to));
  row.bind(6, std::string(to_string(record.state)));
  row.bind(7, is_settled(record) ? 1 : 0);
  row.bind(8, std::int64_t(record.sequence));
  row.bind(9, record.attempt);
  row.bind(10, record.all_sent ? 1 : 0);
  row.bind(11, std::int64_t(record.bytes));
  row.bind(12, std::int64_t(record.size));
  row.bind(13, record.started_ms);
  if (record.ended_ms) row.bind(14, *record.ended_ms);
  if (record.reason) {
    row.bind(15, std::string(to_string(record.reason->code)));
    row.bind(16, record.reason->hop);
    row.bind(17, record.reason->text);
  }
  row.bind(18, record.path);
  row.bind(19, record.digest);
  row.bind(20, record.generation);
  if (record.source) row.bind(21, facts_text(*record.source));
  row.bind(22, std::int64_t(record.safe.bytes));
  row.bind(23, record.safe.digest);
  row.bind(24, record.cancel_wanted ? 1 : 0);
  row.bind(25, record.not_before_ms);
  if (record.rate) row.bind(26, std::int64_t(*record.rate));
  if (!record.jobs.empty()) row.bind(27, jobs_text(record.jobs));
  if (record.job_due) row.bind(28, std::string{to_string(*record.job_due)});
  if (!record.broken.empty()) row.bind(29, attempts_text(record.broken));
}

} // namespace hublink
