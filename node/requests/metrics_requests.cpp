#include "node/requests/metrics_requests.hpp"
#include "node/accounts/token_store.hpp"
#include "node/base/version.hpp"
#include "node/definition/definition_services.hpp"
#include "node/metrics/event_counters.hpp"
#include "node/metrics/metric_text.hpp"
#include "node/metrics/process_metrics.hpp"
#include "node/requests/local_request.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace hublink {

/// By itself: the names of kinds are those of much else, too.
namespace metrics_shapes {

using enum json_kind;

constexpr std::array metrics_row{json_field{"node", text, true}, json_field{"text", text, true}};
constexpr std::array metrics_answer{json_field{"metrics", object, false, metrics_row},
                                    json_field{"nodes", rows, false, metrics_row}};

} // namespace metrics_shapes

namespace {

using json = nlohmann::ordered_json;
using list_ptr = std::shared_ptr<metric_list>;

std::int64_t unix_ms_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

/// Of a transfer's id, which begins with it.
std::int64_t made_ms(const transfer_id& transfer) {
  std::int64_t made = 0;
  std::from_chars(transfer.data(), transfer.data() + std::min<std::size_t>(12, transfer.size()), made, 16);
  return made;
}

void add_node(const control_services& services, metric_list& to) {
  const auto self = services.self.now();
  to.gauge("hublink_build_info", "1; what runs here stands in the labels.", 1,
           {{"version", std::string{version()}},
            {"role", std::string{to_string(self->role)}},
            {"name", self->node}});
  add_process_metrics(to, services.data);
  if (!services.counters) return;
  to.add(services.counters->collect());
  services.counters->measure(to);
}

void add_line(const line_report& line, const metric_list::labels& of, metric_list& to) {
  for (auto [direction, bytes] : {std::pair{"out", line.bytes_out}, std::pair{"in", line.bytes_in}}) {
    auto labels = of;
    labels.emplace_back("direction", direction);
    to.counter("hublink_link_bytes_total", "On all connections with that neighbour, data and gateways too.",
               double(bytes), labels);
  }
  to.counter("hublink_link_segments_total", "TCP segments with data that this node sent on them.",
             double(line.segments_out), of);
  to.counter("hublink_link_retransmissions_total", "Of these, the ones that were sent again.",
             double(line.retransmitted), of);
  if (line.round_trip.count() > 0)
    to.gauge("hublink_link_round_trip_seconds", "Of the connection that sent last.",
             std::chrono::duration<double>(line.round_trip).count(), of);
}

void add_links(const node_status& status, const line_reports& lines, metric_list& to) {
  for (const auto& link : status.links) {
    const metric_list::labels of{{"peer", link.peer}, {"role", std::string{to_string(link.peer_role)}}};
    to.gauge("hublink_link_up", "1: there is a link to that neighbour.", link.up, of);
    to.gauge("hublink_link_circuits", "Circuits made over it at the moment.", link.circuits, of);
    to.counter("hublink_link_lost_total", "How often it broke.", double(link.lost), of);
    if (auto line = lines.find(link.peer); line != lines.end()) add_line(line->second, of, to);
  }
  to.gauge("hublink_held", "1: no transfer is started until the node is released.", status.held);
}

void add_transfers(const std::vector<transfer_record>& unfinished, metric_list& to) {
  std::map<std::pair<transfer_side, transfer_state>, std::size_t> by_state;
  for (auto side : {transfer_side::sender, transfer_side::receiver})
    for (auto state : {transfer_state::queued, transfer_state::running}) by_state[{side, state}] = 0;
  std::int64_t oldest = 0;
  for (const auto& each : unfinished) {
    ++by_state[{each.side, each.state}];
    if (each.state == transfer_state::queued && (oldest == 0 || each.started_ms < oldest))
      oldest = each.started_ms;
  }
  for (const auto& [which, count] : by_state)
    to.gauge("hublink_transfers", "Transfers that are not over.", double(count),
             {{"side", which.first == transfer_side::sender ? "sender" : "receiver"},
              {"state", std::string{to_string(which.second)}}});
  to.gauge("hublink_queue_oldest_seconds", "How long the oldest queued transfer has been there.",
           oldest == 0 ? 0 : double(unix_ms_now() - oldest) / 1000);
}

void add_store(const std::vector<stored_transfer>& rows, metric_list& to) {
  std::size_t waiting = 0;
  std::int64_t oldest = 0;
  for (const auto& row : rows) {
    waiting += row.waiting.size();
    const auto made = made_ms(row.transfer);
    if (oldest == 0 || made < oldest) oldest = made;
  }
  to.gauge("hublink_store_oldest_seconds", "How long ago the oldest of them was sent.",
           oldest == 0 ? 0 : std::max(0.0, double(unix_ms_now() - oldest) / 1000));
  to.gauge("hublink_store_transfers", "Transfers that this node's store keeps.", double(rows.size()));
  to.gauge("hublink_store_waiting", "Receivers that have not got what the store keeps.", double(waiting));
}

void add_gateways(const gateway_report& report, metric_list& to) {
  for (const auto& each : report.listeners)
    to.gauge("hublink_gateway_streams", "Streams and flows that are open, by gateway.", double(each.streams),
             {{"gateway", each.name}, {"state", each.state}});
  for (const auto& link : report.links) {
    const metric_list::labels of{{"peer", link.peer}, {"circuit", std::to_string(link.circuit)}};
    to.gauge("hublink_gateway_link_up", "1: streams may be opened on that link.", link.up, of);
    to.gauge("hublink_gateway_round_trip_seconds", "Of the last probe.",
             std::chrono::duration<double>(link.round_trip).count(), of);
    to.counter("hublink_gateway_opened_total", "Streams that this node asked for.",
               double(link.counters.opened), of);
    to.counter("hublink_gateway_accepted_total", "Streams that the peer asked for.",
               double(link.counters.accepted), of);
    to.counter("hublink_gateway_datagrams_dropped_total", "Datagrams for which there was no room.",
               double(link.counters.datagrams_dropped), of);
    for (auto [direction, bytes] :
         {std::pair{"out", link.counters.bytes_out}, std::pair{"in", link.counters.bytes_in}}) {
      auto labels = of;
      labels.emplace_back("direction", direction);
      to.counter("hublink_gateway_bytes_total", "Bytes of streams.", double(bytes), labels);
    }
  }
  for (const auto& [reason, count] : report.refused)
    to.counter("hublink_gateway_refused_total", "Streams, flows and datagrams that were refused.",
               double(count), {{"reason", reason}});
}

void add_trust(const control_services& services, metric_list& to) {
  auto* definitions = services.definitions;
  if (!definitions) return;
  to.gauge("hublink_definition_version", "Of the definition in force; 0: the topology file's.",
           double(definitions->keeper.version()));
  if (auto applied = definitions->applied ? definitions->applied->now() : nullptr)
    to.gauge("hublink_definition_applied_version", "At a manager: of what it applied last.",
             double(applied->version));
  to.gauge("hublink_revocation_list_number", "Of the newest list of revoked certificates here.",
           double(definitions->lists.number()));
  std::size_t behind = 0;
  for (const auto& [node, kept] : definitions->keeper.kept()) behind += kept.reason.has_value();
  to.gauge("hublink_definition_behind", "Clients whose definition could not be handed on yet.",
           double(behind));
  if (!definitions->certificate) return;
  const auto standing = definitions->certificate->now();
  const auto until =
      standing.until ? standing.until->time_since_epoch() : std::chrono::system_clock::duration{0};
  to.gauge("hublink_certificate_expiry_timestamp_seconds", "When that certificate ends; 0: it has.",
           std::chrono::duration<double>(until).count(), {{"which", "own"}});
}

void finish_metrics(local_request& work, const metric_list& all) {
  work.finish({{"metrics", {{"node", work.here()}, {"text", all.text()}}}});
}

void measure_gateways(local_request& work, const list_ptr& all) {
  const auto& gateway = work.services().node.gateway;
  if (!gateway) return finish_metrics(work, *all);
  work.ask(
      *gateway,
      [&work, all](const gateway_report& report) {
        add_gateways(report, *all);
        finish_metrics(work, *all);
      },
      gateways_atom_v);
}

void measure_store(local_request& work, const list_ptr& all) {
  if (!work.services().node.spools) return measure_gateways(work, all);
  work.ask(
      *work.services().node.spools,
      [&work, all](const std::vector<stored_transfer>& rows) {
        add_store(rows, *all);
        measure_gateways(work, all);
      },
      spools_atom_v);
}

void measure_transfers(local_request& work, const list_ptr& all) {
  transfer_query unfinished;
  unfinished.finished = false;
  unfinished.limit = 100'000;
  work.ask(
      work.services().node.journal,
      [&work, all](const std::vector<transfer_record>& found) {
        add_transfers(found, *all);
        measure_store(work, all);
      },
      unfinished);
}

void measure(local_request& work) {
  auto all = std::make_shared<metric_list>();
  add_node(work.services(), *all);
  add_trust(work.services(), *all);
  work.ask(
      work.services().supervisor,
      [&work, all](const node_status& status) {
        add_links(status, work.services().lines ? work.services().lines() : line_reports{}, *all);
        measure_transfers(work, all);
      },
      status_atom_v);
}

/// Servers answer with rows of their clients and their own, clients with their own.
json join_metrics(const gathered_answers& all) {
  json rows = json::array();
  for (auto& row : all.rows("nodes")) rows.push_back(std::move(row));
  for (const auto& answer : all.answers)
    if (auto* own = find_field(answer, "metrics")) rows.push_back(*own);
  return {{"nodes", std::move(rows)}};
}

} // namespace

std::span<const verb> metrics_verbs() {
  static constexpr std::array rows{
      verb{.name = "metrics",
           .takes = {right::view, subject::node},
           .scope = verb_scope::network,
           .serve = run<measure>,
           .answer = metrics_shapes::metrics_answer,
           .join = join_metrics},
  };
  return rows;
}

} // namespace hublink
