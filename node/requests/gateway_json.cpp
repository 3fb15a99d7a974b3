#include "node/requests/gateway_json.hpp"
#include "node/base/time_text.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

namespace {

using ordered = nlohmann::ordered_json;

ordered shape_of(const listener_report& one) {
  ordered row{{"name", one.name},     {"protocol", one.protocol}, {"calling", one.calling},
              {"called", one.called}, {"listen", one.listen},     {"deliver", one.deliver},
              {"state", one.state},   {"streams", one.streams}};
  for (const auto* key : {"called", "deliver"})
    if (row[key].get_ref<const std::string&>().empty()) row.erase(key);
  if (!one.reason.empty()) row["reason"] = one.reason;
  return row;
}

ordered shape_of(const gateway_link_report& one) {
  const auto& count = one.counters;
  ordered row{{"peer", one.peer},
              {"state", one.up ? "up" : "opening"},
              {"dialled", one.dialled},
              {"since", to_rfc3339(one.since_ms)},
              {"streams", one.streams},
              {"opened", count.opened},
              {"accepted", count.accepted},
              {"bytes_out", count.bytes_out},
              {"bytes_in", count.bytes_in},
              {"datagrams_out", count.datagrams_out},
              {"datagrams_in", count.datagrams_in},
              {"datagrams_dropped", count.datagrams_dropped}};
  if (one.round_trip.count() > 0) row["round_trip_micros"] = one.round_trip.count();
  return row;
}

ordered shape_of(const flow_counters& count) {
  return {{"opened", count.opened}, {"evicted", count.evicted}, {"expired", count.expired},
          {"sent", count.sent},     {"replies", count.replies}, {"wrong_source", count.wrong_source},
          {"late", count.late}};
}

ordered shape_of(const stream_report& one) {
  ordered row{{"number", one.number},
              {"gateway", one.gateway},
              {"peer", one.peer},
              {"side", one.calling ? "calling" : "called"},
              {"protocol", one.udp ? "udp" : "tcp"},
              {"from", one.from},
              {"to", one.to},
              {"state", one.state.empty() ? "waiting" : one.state},
              {"bytes", one.bytes},
              {"bytes_back", one.bytes_back},
              {"opened", to_rfc3339(one.opened_ms)}};
  if (one.ended_ms != 0) {
    row["ended"] = to_rfc3339(one.ended_ms);
    row["result"] = one.result;
    if (!one.reason.empty()) row["reason"] = one.reason;
  }
  return row;
}

} // namespace

ordered gateways_json(const gateway_report& report) {
  ordered shape{{"enabled", report.enabled}, {"gateways", ordered::array()}, {"links", ordered::array()}};
  for (const auto& one : report.listeners) shape["gateways"].push_back(shape_of(one));
  for (const auto& one : report.links) shape["links"].push_back(shape_of(one));
  shape["flows"] = {{"calling", shape_of(report.calling_flows)}, {"called", shape_of(report.called_flows)}};
  shape["refused"] = ordered::object();
  for (const auto& [reason, count] : report.refused) shape["refused"][reason] = count;
  return shape;
}

ordered streams_json(const gateway_report& report, bool closed) {
  auto all = ordered::array();
  const auto& from = closed ? report.closed : report.streams;
  for (auto one = from.rbegin(); one != from.rend(); ++one) all.push_back(shape_of(*one));
  return all;
}

} // namespace hublink
