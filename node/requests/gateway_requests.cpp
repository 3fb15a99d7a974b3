#include "node/requests/gateway_requests.hpp"
#include "node/requests/carried_rows.hpp"
#include "node/requests/gateway_json.hpp"
#include "node/requests/local_request.hpp"

#include <algorithm>
#include <array>

namespace hublink {

/// By itself: the names of kinds are those of much else, too.
namespace gateway_shapes {

using enum json_kind;

constexpr std::array gateway_row{
    json_field{"name", text},   json_field{"protocol", text}, json_field{"calling", text},
    json_field{"called", text}, json_field{"listen", text},   json_field{"deliver", text},
    json_field{"state", text},  json_field{"reason", text},   json_field{"streams", number}};
constexpr std::array gateway_link_row{json_field{"peer", text},
                                      json_field{"state", text},
                                      json_field{"dialled", flag},
                                      json_field{"since", text},
                                      json_field{"streams", number},
                                      json_field{"opened", number},
                                      json_field{"accepted", number},
                                      json_field{"bytes_out", number},
                                      json_field{"bytes_in", number},
                                      json_field{"datagrams_out", number},
                                      json_field{"datagrams_in", number},
                                      json_field{"datagrams_dropped", number},
                                      json_field{"round_trip_micros", number}};
constexpr std::array gateways_fields{json_field{"node", text},
                                     json_field{"enabled", flag},
                                     json_field{"gateways", rows, false, gateway_row},
                                     json_field{"links", rows, false, gateway_link_row},
                                     json_field{"flows", object},
                                     json_field{"refused", object}};
constexpr std::array gateways_answer{json_field{"gateways", object, false, gateways_fields},
                                     json_field{"servers", rows, false, gateways_fields}};
constexpr std::array stream_row{json_field{"node", text},         json_field{"number", number, true},
                                json_field{"gateway", text},      json_field{"peer", text},
                                json_field{"side", text},         json_field{"protocol", text},
                                json_field{"from", text},         json_field{"to", text},
                                json_field{"state", text},        json_field{"bytes", number},
                                json_field{"bytes_back", number}, json_field{"opened", text},
                                json_field{"ended", text},        json_field{"result", text},
                                json_field{"reason", text}};
constexpr std::array streams_answer{json_field{"streams", rows, false, stream_row}};

} // namespace gateway_shapes

namespace {

using json = nlohmann::ordered_json;

template <class Then>
void ask_gateway(local_request& work, Then then) {
  const auto& gateway = work.services().node.gateway;
  if (!gateway) return then(gateway_report{});
  work.ask(*gateway, then, gateways_atom_v);
}

void list_gateways(local_request& work) {
  ask_gateway(work, [&work](const gateway_report& report) {
    work.finish({{"gateways", gateways_json(report)}});
  });
}

void list_streams(local_request& work) {
  ask_gateway(work, [&work, closed = work.flag("closed")](const gateway_report& report) {
    json answer{{"streams", streams_json(report, closed)}};
    auto& rows = answer["streams"];
    const auto most = field_number(work.request(), "limit").value_or(rows.size());
    if (rows.size() > most) rows.erase(rows.begin() + std::ptrdiff_t(most), rows.end());
    if (!work.services().by.from.empty()) cut_rows(answer, "streams", work.here());
    work.finish(std::move(answer));
  });
}

json join_gateways(const gathered_answers& all) {
  auto servers = json::array();
  for (std::size_t i = 0; i < all.answers.size(); ++i) {
    json row{{"node", all.from[i]}};
    row.update(field_object(all.answers[i], "gateways"));
    row["node"] = all.from[i]; // whatever it says
    servers.push_back(std::move(row));
  }
  return {{"servers", std::move(servers)}};
}

json join_streams(const gathered_answers& all) {
  auto rows = all.rows_by_node("streams");
  std::stable_sort(rows.begin(), rows.end(), [](const json& a, const json& b) {
    return field_text(a, "opened") > field_text(b, "opened"); // newest first
  });
  const auto most = field_number(all.request, "limit").value_or(rows.size());
  if (rows.size() > most) rows.erase(rows.begin() + std::ptrdiff_t(most), rows.end());
  return {{"streams", std::move(rows)}};
}

} // namespace

std::span<const verb> gateway_verbs() {
  using enum right;
  static constexpr std::array streams_fields{request_field::flag_of("closed"),
                                             request_field::limit_of("limit")};
  static constexpr std::array rows{
      verb{.name = "gateways",
           .takes = {view, subject::node},
           .scope = verb_scope::servers,
           .serve = run<list_gateways>,
           .answer = gateway_shapes::gateways_answer,
           .join = join_gateways},
      verb{.name = "streams",
           .takes = {view, subject::node},
           .scope = verb_scope::servers,
           .serve = run<list_streams>,
           .fields = streams_fields,
           .answer = gateway_shapes::streams_answer,
           .join = join_streams},
  };
  return rows;
}

} // namespace hublink
