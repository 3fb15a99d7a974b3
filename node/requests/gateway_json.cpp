#include "node/requests/gateway_json.hpp"
#include "node/base/time_text.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

namespace {

using ordered = nlohmann::ordered_json;

ordered shape_of(const listener_report& listener) {
  ordered row{{"name", listener.name},     {"protocol", listener.protocol}, {"calling", listener.calling},
              {"called", listener.called}, {"listen", listener.listen},     {"deliver", listener.deliver},
              {"state", listener.state},   {"streams", listener.streams}};
  for (const auto* key : {"called", "deliver"})
    if (row[key].get_ref<const std::string&>().empty()) row.erase(key);
  if (!listener.reason.empty()) row["reason"] = listener.reason;
  return row;
}

ordered shape_of(const gateway_link_report& link) {
  const auto& count = link.counters;
  ordered row{{"peer", link.peer},
              {"state", link.up ? "up" : "opening"},
              {"dialled", link.dialled},
              {"since", to_rfc3339(link.since_ms)},
              {"streams", link.streams},
              {"opened", count.opened},
              {"accepted", count.accepted},
              {"bytes_out", count.bytes_out},
              {"bytes_in", count.bytes_in},
              {"datagrams_out", count.datagrams_out},
              {"datagrams_in", count.datagrams_in},
              {"datagrams_dropped", count.datagrams_dropped}};
  if (link.round_trip.count() > 0) row["round_trip_micros"] = link.round_trip.count();
  return row;
}

ordered shape_of(const flow_counters& count) {
  return {{"opened", count.opened}, {"evicted", count.evicted}, {"expired", count.expired},
          {"sent", count.sent},     {"replies", count.replies}, {"wrong_source", count.wrong_source},
          {"late", count.late}};
}

ordered shape_of(const stream_report& stream) {
  ordered row{{"number", stream.number},
              {"gateway", stream.gateway},
              {"peer", stream.peer},
              {"side", stream.calling ? "calling" : "called"},
              {"protocol", stream.udp ? "udp" : "tcp"},
              {"from", stream.from},
              {"to", stream.to},
              {"state", stream.state.empty() ? "waiting" : stream.state},
              {"bytes", stream.bytes},
              {"bytes_back", stream.bytes_back},
              {"opened", to_rfc3339(stream.opened_ms)}};
  if (stream.ended_ms != 0) {
    row["ended"] = to_rfc3339(stream.ended_ms);
    row["result"] = stream.result;
    if (!stream.reason.empty()) row["reason"] = stream.reason;
  }
  return row;
}

} // namespace

ordered gateways_json(const gateway_report& report) {
  ordered shape{{"enabled", report.enabled}, {"gateways", ordered::array()}, {"links", ordered::array()}};
  for (const auto& listener : report.listeners) shape["gateways"].push_back(shape_of(listener));
  for (const auto& link : report.links) shape["links"].push_back(shape_of(link));
  shape["flows"] = {{"calling", shape_of(report.calling_flows)}, {"called", shape_of(report.called_flows)}};
  shape["refused"] = ordered::object();
  for (const auto& [reason, count] : report.refused) shape["refused"][reason] = count;
  return shape;
}

ordered streams_json(const gateway_report& report, bool closed) {
  auto all = ordered::array();
  const auto& from = closed ? report.closed : report.streams;
  for (auto stream = from.rbegin(); stream != from.rend(); ++stream) all.push_back(shape_of(*stream));
  return all;
}

} // namespace hublink
