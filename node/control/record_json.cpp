#include "node/control/record_json.hpp"
#include "node/base/time_text.hpp"
#include "node/control/request_json.hpp"

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

json to_json(const job_report& job) {
  json shape;
  shape["job"] = to_string(job.kind);
  shape["node"] = job.node;
  shape["result"] = job.result.good ? "done" : "failed";
  if (!job.result.text.empty()) shape[job.result.good ? "said" : "reason"] = job.result.text;
  if (job.started_ms > 0) shape["started"] = to_rfc3339(job.started_ms);
  shape["ended"] = to_rfc3339(job.ended_ms);
  if (!job.output.empty()) shape["output"] = job.output;
  return shape;
}

} // namespace

json to_json(const transfer_record& record) {
  json shape;
  shape["transfer"] = record.transfer;
  shape["file"] = record.file;
  shape["from"] = record.from;
  shape["to"] = json::object();
  for (const auto& [name, state] : record.to) shape["to"][name] = to_string(state);
  shape["state"] = to_string(record.state);
  shape["bytes"] = record.bytes;
  shape["size"] = record.size;
  shape["started"] = to_rfc3339(record.started_ms);
  if (record.ended_ms) shape["ended"] = to_rfc3339(*record.ended_ms);
  if (record.reason) shape["reason"] = to_string(*record.reason);
  shape["side"] = record.side == transfer_side::sender ? "sender" : "receiver";
  shape["attempt"] = record.attempt;
  if (record.generation > 1) shape["generation"] = record.generation;
  if (record.safe.bytes > 0 && !is_final(record.state)) shape["safe"] = record.safe.bytes;
  if (record.state == transfer_state::queued && record.not_before_ms > 0)
    shape["next_attempt"] = to_rfc3339(record.not_before_ms);
  if (record.rate) shape["rate"] = *record.rate;
  if (!record.requested_by.empty()) shape["requested_by"] = record.requested_by;
  if (!record.resend_of.empty()) shape["resend_of"] = record.resend_of;
  if (!record.digest.empty()) shape["digest"] = record.digest;
  for (const auto& [attempt, ended_ms, why] : record.broken)
    shape["broken"].push_back(
        {{"attempt", attempt}, {"ended", to_rfc3339(ended_ms)}, {"reason", to_string(why)}});
  for (const auto& job : record.jobs) shape["jobs"].push_back(to_json(job));
  return shape;
}

json to_json(const ping_report& report) {
  json shape;
  shape["host"] = report.host;
  shape["micros"] = report.micros;
  shape["hops"] = json::array();
  for (const auto& hop : report.path) shape["hops"].push_back({{"node", hop.node}, {"micros", hop.micros}});
  return shape;
}

namespace {

json line_json(const line_rate& line) {
  json shape{{"from", line.from},
             {"to", line.to},
             {"bits_per_s", line.bits_per_s},
             {"limited_by", line.limited_by},
             {"round_trip_micros", line.round_trip_micros},
             {"least_round_trip_micros", line.least_round_trip_micros},
             {"segments_out", line.segments_out},
             {"retransmitted", line.retransmitted},
             {"lost_ppm", line.lost_ppm},
             {"congestion", line.congestion},
             {"window", line.window},
             {"peer_window", line.peer_window},
             {"send_buffer_most", line.send_most},
             {"receive_buffer_most", line.receive_most},
             {"sender_cpu_percent", line.sender_cpu_percent},
             {"receiver_cpu_percent", line.receiver_cpu_percent},
             {"micros", line.micros},
             {"bytes", line.bytes}};
  if (const auto most = most_window(line)) shape["window_most"] = most;
  if (const auto most = most_rate_of_windows(line)) shape["windows_carry_bits_per_s"] = most;
  if (auto advice = advice_on(line); !advice.empty()) shape["advice"] = std::move(advice);
  return shape;
}

} // namespace

json to_json(const load_report& report) {
  json shape{{"host", report.host}, {"lines", json::array()}};
  for (const auto& line : report.rates.lines) shape["lines"].push_back(line_json(line));
  if (const auto& why = report.rates.failed) shape["failed"] = to_json(*why);
  return shape;
}

json to_json(const failure& why) {
  json shape;
  shape["code"] = to_string(why.code);
  shape["hop"] = why.hop;
  shape["reason"] = why.text;
  return shape;
}

json to_json(const link_status& link, const line_reports& lines) {
  json shape;
  shape["peer"] = link.peer;
  shape["role"] = to_string(link.peer_role);
  shape["up"] = link.up;
  shape["circuits"] = link.circuits;
  if (!link.twin.empty()) shape["twin"] = link.twin;
  auto found = lines.find(link.peer);
  if (found == lines.end()) return shape;
  const auto& line = found->second;
  shape["bytes_out"] = line.bytes_out;
  shape["bytes_in"] = line.bytes_in;
  shape["segments_out"] = line.segments_out;
  shape["retransmitted"] = line.retransmitted;
  if (line.round_trip.count() > 0) shape["round_trip_micros"] = line.round_trip.count();
  if (line.least_round_trip.count() > 0) shape["least_round_trip_micros"] = line.least_round_trip.count();
  if (!line.congestion.empty()) shape["congestion"] = line.congestion;
  return shape;
}

json to_json(const stored_transfer& row) {
  json shape;
  shape["transfer"] = row.transfer;
  shape["file"] = row.file;
  shape["from"] = row.from;
  shape["size"] = row.size;
  shape["store"] = to_string(row.policy);
  if (row.held_back) shape["held_back"] = true;
  shape["waiting"] = row.waiting;
  shape["until"] = to_rfc3339(row.until_ms);
  return shape;
}

json to_json(const session_row& row) {
  json shape;
  shape["server"] = row.server;
  shape["state"] = to_string(row.state);
  shape["user"] = row.user;
  shape["since"] = to_rfc3339(row.since_ms);
  if (row.reason) {
    shape["reason"] = to_string(*row.reason);
    shape["code"] = to_string(row.reason->code);
    shape["hop"] = row.reason->hop;
  }
  return shape;
}

nlohmann::ordered_json failed_answer(failure why, const std::string& here) {
  if (why.hop.empty()) why.hop = here;
  return {{"error", to_json(why)}, {"exit", exit_code(why.code)}};
}

std::optional<failure> failure_in(const json& answer, const std::string& node) {
  if (!answer.is_object()) return failure{errc::bad_message, node, "an answer that can't be read"};
  auto found = answer.find("error");
  if (found == answer.end()) return {};
  failure why{errc_from_string(field_text(*found, "code")), field_text(*found, "hop"),
              field_text(*found, "reason")};
  if (why.hop.empty()) why.hop = node;
  if (why.text.empty()) why.text = "it does not say why";
  return why;
}

int exit_code(const transfer_record& record) {
  switch (record.state) {
  case transfer_state::done: // but perhaps a job went wrong
    return record.reason ? exit_code(record.reason->code) : 0;
  case transfer_state::spooled: // complete, as its definition says
    return 0;
  case transfer_state::partial:
    return 6;
  case transfer_state::cancelled:
    return 7;
  case transfer_state::failed:
    return record.reason ? exit_code(record.reason->code) : 1;
  default:
    return 1;
  }
}

} // namespace hublink
