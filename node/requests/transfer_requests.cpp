#include "node/requests/transfer_requests.hpp"
#include "node/events/client_events.hpp"
#include "node/events/trace_file.hpp"
#include "node/events/trace_reader.hpp"
#include "node/requests/local_request.hpp"

#include <algorithm>
#include <array>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

// -- send, request: with `wait` until the transfer is over

void show_last_state(local_request& work, const transfer_id& transfer) {
  transfer_query query;
  query.transfer = transfer;
  work.wait_for(
      work.services().node.journal,
      [&work](const std::vector<transfer_record>& found) {
        if (found.empty())
          return work.fail({errc::failed, work.here(), "the transfer is not in the journal"});
        work.follow(found.front());
      },
      query);
}

void watch(local_request& work, const transfer_id& transfer) {
  auto* dispatcher = work.dispatcher();
  if (!dispatcher) return;
  work.wait_for(
      *dispatcher,
      [&work, transfer](bool active) {
        if (!active) show_last_state(work, transfer); // it ended before it could be watched
      },
      watch_atom_v, transfer, work.as_watcher());
}

void send(local_request& work) {
  auto* dispatcher = work.dispatcher();
  if (!dispatcher) return;
  bool wait = work.request().value("wait", false);
  work.wait_for(
      *dispatcher,
      [&work, wait](const transfer_record& record) {
        json line{{"record", to_json(record)}};
        if (!wait) return work.finish(line);
        work.show(line);
        watch(work, record.transfer);
      },
      send_atom_v, work.text("file"));
}

void ask_for(local_request& work) {
  request_order order{work.text("file"), work.request().value("resend", false),
                      work.request().value("wait", false)};
  auto begun = [&work, follows = order.follow](const transfer_record& record) {
    if (follows || is_final(record.state)) return work.follow(record);
    work.finish({{"record", to_json(record)}});
  };
  work.wait_for(work.services().supervisor, begun, request_atom_v, order, work.as_watcher());
}

// -- cancel, retry

template <class Whom, class Atom>
void give(local_request& work, const Whom& whom, Atom what, const transfer_id& transfer) {
  work.ask(
      whom,
      [&work](const transfer_record& record) {
        work.finish({{"record", to_json(record)}});
      },
      what, transfer);
}

void steer_any(local_request& work, cancel_atom what, const transfer_id& transfer) {
  give(work, work.services().supervisor, what, transfer);
}

void steer_any(local_request& work, retry_atom what, const transfer_id& transfer) {
  if (auto* dispatcher = work.dispatcher()) give(work, *dispatcher, what, transfer);
}

template <class Atom>
void steer(local_request& work) {
  auto transfer = work.text("transfer");
  if (!work.is_limited()) return steer_any(work, Atom{}, transfer);
  transfer_query query;
  query.transfer = transfer;
  work.ask(
      work.services().node.journal,
      [&work, transfer](const std::vector<transfer_record>& found) {
        if (found.empty() || !work.may_touch(found.front().file)) return work.fail_as_limited();
        steer_any(work, Atom{}, transfer);
      },
      query);
}

// -- transfers, history

void list(local_request& work, std::optional<bool> finished) {
  const auto& request = work.request();
  transfer_query query;
  query.finished = finished;
  query.limit = request.value("limit", query.limit);
  query.file = request.value("file", "");
  query.transfer = request.value("transfer", "");
  query.host = request.value("host", "");
  if (request.contains("since_ms")) query.since_ms = request["since_ms"].get<std::int64_t>();
  if (request.contains("until_ms")) query.until_ms = request["until_ms"].get<std::int64_t>();
  if (auto wanted = request.value("state", ""); !wanted.empty()) {
    query.state = transfer_state_from_string(wanted);
    if (!query.state) return work.fail({errc::bad_config, work.here(), "there is no state '" + wanted + "'"});
  }
  work.ask(
      work.services().node.journal,
      [&work](const std::vector<transfer_record>& found) {
        auto rows = json::array();
        for (const auto& record : found)
          if (work.may_touch(record.file)) rows.push_back(to_json(record));
        work.finish({{"transfers", std::move(rows)}});
      },
      query);
}

void list_all(local_request& work) { list(work, {}); }
void list_ended(local_request& work) { list(work, true); }

json join_transfers(const gathered_answers& all) {
  auto rows = all.rows("transfers");
  std::sort(rows.begin(), rows.end(), [](const json& a, const json& b) {
    auto a_id = a.value("transfer", ""), b_id = b.value("transfer", "");
    return a_id != b_id ? a_id > b_id : a.value("side", "") > b.value("side", ""); // newest first
  });
  auto limit = all.request.value("limit", std::size_t(1000));
  if (rows.size() > limit) rows.resize(limit);
  return {{"transfers", rows}};
}

// -- trace

void show_trace(local_request& work, json events) {
  auto of_others = [&](const json& event) {
    return event.contains("file") && !work.may_touch(event["file"]);
  };
  auto of_mine = [&](const json& event) { return event.contains("file") && work.may_touch(event["file"]); };
  bool hidden = work.is_limited() && (std::any_of(events.begin(), events.end(), of_others) ||
                                      std::none_of(events.begin(), events.end(), of_mine));
  if (hidden) events = json::array();
  number_times(events);
  work.finish({{"trace", std::move(events)}});
}

void trace(local_request& work) {
  const auto& services = work.services();
  auto reader = services.events ? services.events->trace_reader.lock() : nullptr;
  if (!reader) return work.fail({errc::bad_config, work.here(), work.here() + " keeps no events"});
  work.wait_for(
      caf::actor_cast<trace_reader_actor>(reader),
      [&work](const std::string& events) { show_trace(work, json::parse(events)); }, trace_atom_v,
      transfer_id{work.text("transfer")}, services.by.from);
}

json join_traces(const gathered_answers& all) {
  auto rows = all.rows("trace");
  std::sort(rows.begin(), rows.end(),
            [](const json& a, const json& b) { return a.value("time", "") < b.value("time", ""); });
  json events(rows);
  number_times(events);
  return {{"trace", std::move(events)}};
}

} // namespace

std::span<const verb> transfer_verbs() {
  using enum right;
  using enum subject;
  static constexpr std::array rows{
      verb{"send", {transfer, file}, verb_scope::sender_of_file, run<send>},
      verb{"request", {transfer, file}, verb_scope::client, run<ask_for>},
      verb{"cancel", {transfer, file}, verb_scope::sender_of_transfer, run<steer<cancel_atom>>},
      verb{"retry", {transfer, file}, verb_scope::sender_of_transfer, run<steer<retry_atom>>},
      verb{"transfers", {view, listing}, verb_scope::network, run<list_all>, join_transfers},
      verb{"history", {view, listing}, verb_scope::network, run<list_ended>, join_transfers},
      verb{"trace", {view, listing}, verb_scope::network, run<trace>, join_traces},
  };
  return rows;
}

} // namespace hublink
