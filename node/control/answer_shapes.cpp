#include "node/control/answer_shapes.hpp"
#include "protocol/base/json_reader.hpp"

#include <algorithm>
#include <array>

namespace hublink {

/// By itself: the names of kinds are those of much else, too.
namespace shape_tables {

using enum json_kind;

// -- what every one may have

constexpr std::array error_fields{json_field{"code", text}, json_field{"hop", text},
                                  json_field{"reason", text}};
constexpr std::array missing_row{json_field{"node", text, true}, json_field{"reason", text}};
constexpr std::array any_answer{json_field{"exit", number, false, {}, 255},
                                json_field{"error", object, false, error_fields},
                                json_field{"missing", rows, false, missing_row}};

// -- transfers

constexpr std::array broken_row{json_field{"attempt", number}, json_field{"ended", text},
                                json_field{"reason", text}};
constexpr std::array job_row{json_field{"job", text},    json_field{"node", text},
                             json_field{"result", text}, json_field{"said", text},
                             json_field{"reason", text}, json_field{"started", text},
                             json_field{"ended", text},  json_field{"output", text}};
constexpr std::array transfer_row{json_field{"transfer", text, true},
                                  json_field{"file", text, true},
                                  json_field{"from", text, true},
                                  json_field{"to", text_map, true},
                                  json_field{"state", text, true},
                                  json_field{"bytes", number},
                                  json_field{"size", number},
                                  json_field{"started", text},
                                  json_field{"ended", text},
                                  json_field{"reason", text},
                                  json_field{"side", text},
                                  json_field{"attempt", number},
                                  json_field{"generation", number},
                                  json_field{"safe", number},
                                  json_field{"next_attempt", text},
                                  json_field{"rate", number},
                                  json_field{"requested_by", text},
                                  json_field{"resend_of", text},
                                  json_field{"digest", text},
                                  json_field{"broken", rows, false, broken_row},
                                  json_field{"jobs", rows, false, job_row}};
constexpr std::array record_answer{json_field{"record", object, true, transfer_row}};
constexpr std::array transfers_answer{json_field{"transfers", rows, true, transfer_row}};
constexpr std::array trace_answer{json_field{"trace", events, true}};

// -- nodes, the store

constexpr std::array link_row{json_field{"peer", text},
                              json_field{"role", text},
                              json_field{"up", flag},
                              json_field{"circuits", number},
                              json_field{"twin", text},
                              json_field{"bytes_out", number},
                              json_field{"bytes_in", number},
                              json_field{"segments_out", number},
                              json_field{"retransmitted", number},
                              json_field{"round_trip_micros", number},
                              json_field{"least_round_trip_micros", number},
                              json_field{"congestion", text}};
constexpr std::array queue_fields{json_field{"queued", number}, json_field{"running", number}};
constexpr std::array definition_fields{json_field{"version", number}, json_field{"list", number},
                                       json_field{"applied", text},   json_field{"behind", text_map},
                                       json_field{"wanted", number},  json_field{"drift", flag}};
constexpr std::array failed_row{json_field{"part", text}, json_field{"reason", text},
                                json_field{"times", number}};
constexpr std::array waiting_row{json_field{"name", text}, json_field{"listen", text},
                                 json_field{"reason", text}};
constexpr std::array disk_row{json_field{"place", text}, json_field{"doing", text},
                              json_field{"seconds", number}};
constexpr std::array status_row{json_field{"node", text, true},
                                json_field{"role", text, true},
                                json_field{"network", text},
                                json_field{"address", text},
                                json_field{"listen", texts},
                                json_field{"not_listening", rows, false, waiting_row},
                                json_field{"links", rows, true, link_row},
                                json_field{"transfers", object, true, queue_fields},
                                json_field{"definition", object, false, definition_fields},
                                json_field{"failed", rows, false, failed_row},
                                json_field{"warnings", texts},
                                json_field{"disks", rows, false, disk_row},
                                json_field{"held", flag},
                                json_field{"drained", flag}};
constexpr std::array status_answer{json_field{"status", object, false, status_row},
                                   json_field{"nodes", rows, false, status_row}};
constexpr std::array hop_row{json_field{"node", text, true}, json_field{"micros", number, true}};
constexpr std::array ping_fields{json_field{"host", text, true}, json_field{"micros", number, true},
                                 json_field{"hops", rows, true, hop_row}};
constexpr std::array ping_answer{json_field{"ping", object, true, ping_fields}};
constexpr std::array held_answer{json_field{"held", flag, true}};
constexpr std::array drained_fields{json_field{"left", number, true}, json_field{"waited_ms", number, true}};
constexpr std::array drained_answer{json_field{"drained", object, true, drained_fields}};
constexpr std::array stored_row{json_field{"transfer", text, true}, json_field{"file", text, true},
                                json_field{"from", text, true},     json_field{"size", number},
                                json_field{"store", text},          json_field{"held_back", flag},
                                json_field{"waiting", texts, true}, json_field{"until", text}};
constexpr std::array stored_answer{json_field{"stored", rows, true, stored_row}};
constexpr std::array deliver_answer{json_field{"stored", object, true, stored_row}};

// -- events

constexpr std::array poll_answer{json_field{"events", events}, json_field{"next", number, true},
                                 json_field{"missed", number}, json_field{"ring", number},
                                 json_field{"nodes", texts}};

// -- sessions, definitions, accounts

constexpr std::array define_answer{json_field{"version", number}, json_field{"kept", flag}};
constexpr std::array fetch_answer{json_field{"definition", text, true}, json_field{"list", text, true},
                                  json_field{"word", text}};
constexpr std::array kept_row{json_field{"version", number}, json_field{"handed_on", flag},
                              json_field{"reason", text}};
constexpr std::array definition_row{json_field{"node", text, true}, json_field{"version", number, true},
                                    json_field{"list", number}, json_field{"kept", row_map, false, kept_row},
                                    json_field{"content", object}};
constexpr std::array definition_answer{json_field{"definitions", rows, true, definition_row}};

constexpr std::array metrics_row{json_field{"node", text, true}, json_field{"text", text, true}};
constexpr std::array metrics_answer{json_field{"metrics", object, false, metrics_row},
                                    json_field{"nodes", rows, false, metrics_row}};
constexpr std::array topology_answer{json_field{"topology", text, true}, json_field{"version", number}};

/// What only this node itself answers has no shape here.
constexpr std::array all_shapes{
    answer_shape{"send", record_answer},
    answer_shape{"request", record_answer},
    answer_shape{"cancel", record_answer},
    answer_shape{"retry", record_answer},
    answer_shape{"transfers", transfers_answer},
    answer_shape{"history", transfers_answer},
    answer_shape{"trace", trace_answer},
    answer_shape{"stored", stored_answer},
    answer_shape{"deliver", deliver_answer},
    answer_shape{"status", status_answer},
    answer_shape{"ping", ping_answer},
    answer_shape{"hold", held_answer},
    answer_shape{"release", held_answer},
    answer_shape{"drain", drained_answer},
    answer_shape{"rate", {}},
    answer_shape{"gateways", {}},
    answer_shape{"streams", {}},
    answer_shape{"events", poll_answer},
    answer_shape{"feed", {}},
    answer_shape{"login", {}},
    answer_shape{"logout", {}},
    answer_shape{"sessions", {}},
    answer_shape{"apply", {}},
    answer_shape{"define", define_answer},
    answer_shape{"definition", definition_answer},
    answer_shape{"fetch", fetch_answer},
    answer_shape{"users-list", {}},
    answer_shape{"users-add", {}},
    answer_shape{"users-set", {}},
    answer_shape{"users-remove", {}},
    answer_shape{"users-passwd", {}},
    answer_shape{"audit", {}},
    answer_shape{"metrics", metrics_answer},
    answer_shape{"topology", topology_answer},
    answer_shape{"check", {}},
    answer_shape{"plan", {}},
    answer_shape{"tokens-list", {}},
    answer_shape{"tokens-add", {}},
    answer_shape{"tokens-remove", {}},
};

} // namespace shape_tables

namespace {

const answer_shape* find_shape(std::string_view verb) {
  const auto& all = shape_tables::all_shapes;
  auto found = std::ranges::find(all, verb, &answer_shape::verb);
  return found == all.end() ? nullptr : &*found;
}

} // namespace

std::span<const answer_shape> answer_shapes() { return shape_tables::all_shapes; }

outcome<> fits_answer(const nlohmann::ordered_json& line, std::string_view verb) {
  if (auto fine = fits(line, shape_tables::any_answer); !fine) return fine;
  if (line.contains("error")) return {};
  auto* shape = find_shape(verb);
  return shape ? fits(line, shape->answer) : outcome<>{};
}

outcome<nlohmann::ordered_json> read_answer(std::string_view line, std::string_view verb,
                                            const std::string& node, bool last) {
  auto answer = read_json_object(line);
  auto fine = answer ? fits_answer(*answer, verb) : outcome<>{answer.error()};
  if (fine && last && !answer->contains("exit"))
    fine = failure{errc::bad_message, {}, "it does not say how the command ended"};
  if (fine) return answer;
  return failure{errc::bad_message, node, "an answer that can't be read: " + fine.error().text};
}

} // namespace hublink
