#include "node/control/command_shapes.hpp"
#include "protocol/base/json_reader.hpp"

#include <algorithm>
#include <array>

namespace hublink {

/// By itself: the names of kinds are those of much else, too.
namespace shape_tables {

using enum json_kind;

constexpr std::uint64_t most_listed = 100'000; ///< rows

/// Of a node, a file, a user: what is longer is none, and is not written down anywhere.
constexpr json_field name(std::string_view field, bool needed = false) {
  return {field, text, needed, {}, 255};
}

// -- what every one may have

constexpr std::array any_request{name("verb"), name("at"), json_field{"network", flag},
                                 json_field{"only_files", texts}, name("nonce")};

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
constexpr std::array listing_request{name("file"),
                                     name("transfer"),
                                     name("host"),
                                     name("state"),
                                     json_field{"since_ms", integer},
                                     json_field{"until_ms", integer},
                                     json_field{"limit", number, false, {}, most_listed}};
constexpr std::array send_request{name("file", true), json_field{"wait", flag}};
constexpr std::array ask_request{name("file", true), json_field{"wait", flag}, json_field{"resend", flag}};
constexpr std::array transfer_request{name("transfer", true)};

// -- nodes, the store

constexpr std::array link_row{json_field{"peer", text}, json_field{"role", text}, json_field{"up", flag},
                              json_field{"circuits", number}};
constexpr std::array queue_fields{json_field{"queued", number}, json_field{"running", number}};
constexpr std::array definition_fields{json_field{"version", number}, json_field{"list", number},
                                       json_field{"applied", text},   json_field{"behind", text_map},
                                       json_field{"wanted", number},  json_field{"drift", flag}};
constexpr std::array failed_row{json_field{"part", text}, json_field{"reason", text},
                                json_field{"times", number}};
constexpr std::array waiting_row{json_field{"name", text}, json_field{"listen", text},
                                 json_field{"reason", text}};
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
                                json_field{"held", flag}};
constexpr std::array status_answer{json_field{"status", object, false, status_row},
                                   json_field{"nodes", rows, false, status_row}};
constexpr std::array hop_row{json_field{"node", text, true}, json_field{"micros", number, true}};
constexpr std::array ping_fields{json_field{"host", text, true}, json_field{"micros", number, true},
                                 json_field{"hops", rows, true, hop_row}};
constexpr std::array ping_answer{json_field{"ping", object, true, ping_fields}};
constexpr std::array ping_request{name("host", true)};
constexpr std::array held_answer{json_field{"held", flag, true}};
constexpr std::array rate_request{json_field{"rate", number, true}, name("transfer")};
constexpr std::array closed_request{json_field{"closed", flag}};
constexpr std::array stored_row{json_field{"transfer", text, true}, json_field{"file", text, true},
                                json_field{"from", text, true},     json_field{"size", number},
                                json_field{"store", text},          json_field{"held_back", flag},
                                json_field{"waiting", texts, true}, json_field{"until", text}};
constexpr std::array stored_answer{json_field{"stored", rows, true, stored_row}};
constexpr std::array deliver_answer{json_field{"stored", object, true, stored_row}};

// -- events

constexpr std::array poll_request{name("transfer"), json_field{"from", number}, json_field{"oldest", flag},
                                  json_field{"clients", flag}, json_field{"wait_ms", number}};
constexpr std::array poll_answer{json_field{"events", events}, json_field{"next", number, true},
                                 json_field{"missed", number}, json_field{"ring", number},
                                 json_field{"nodes", texts}};
constexpr std::array feed_request{json_field{"follow", flag}, name("transfer"), name("host")};

// -- sessions, definitions, accounts

constexpr std::array login_request{name("user"), json_field{"password", text}, json_field{"scram", text}};
constexpr std::array keys_fields{json_field{"stored", text, true}, json_field{"server", text, true}};
constexpr std::array apply_fields{json_field{"topology", text}, json_field{"dry_run", flag}};
constexpr std::array define_request{json_field{"definition", text, true}, json_field{"list", text},
                                    json_field{"word", text}};
constexpr std::array define_answer{json_field{"version", number}, json_field{"kept", flag}};
constexpr std::array fetch_answer{json_field{"definition", text, true}, json_field{"list", text, true},
                                  json_field{"word", text}};
constexpr std::array definition_request{json_field{"content", flag}};
constexpr std::array kept_row{json_field{"version", number}, json_field{"handed_on", flag},
                              json_field{"reason", text}};
constexpr std::array definition_row{json_field{"node", text, true}, json_field{"version", number, true},
                                    json_field{"list", number}, json_field{"kept", row_map, false, kept_row},
                                    json_field{"content", object}};
constexpr std::array definition_answer{json_field{"definitions", rows, true, definition_row}};
constexpr std::array user_request{name("user", true)};
constexpr std::array new_user_request{name("user", true), json_field{"password", text},
                                      json_field{"keys", object, false, keys_fields}, name("rights", true),
                                      json_field{"transfers", texts}};
constexpr std::array changed_user_request{name("user", true), name("rights"), json_field{"transfers", texts}};
constexpr std::array new_password_request{name("user", true), json_field{"password", text},
                                          json_field{"keys", object, false, keys_fields}};
constexpr std::array audit_request{json_field{"limit", number, false, {}, most_listed}};

/// What only this node itself answers has no shape here.
constexpr std::array all_shapes{
    command_shape{"send", send_request, record_answer},
    command_shape{"request", ask_request, record_answer},
    command_shape{"cancel", transfer_request, record_answer},
    command_shape{"retry", transfer_request, record_answer},
    command_shape{"transfers", listing_request, transfers_answer},
    command_shape{"history", listing_request, transfers_answer},
    command_shape{"trace", transfer_request, trace_answer},
    command_shape{"stored", {}, stored_answer},
    command_shape{"deliver", transfer_request, deliver_answer},
    command_shape{"status", {}, status_answer},
    command_shape{"ping", ping_request, ping_answer},
    command_shape{"hold", {}, held_answer},
    command_shape{"release", {}, held_answer},
    command_shape{"rate", rate_request, {}},
    command_shape{"gateways", {}, {}},
    command_shape{"streams", closed_request, {}},
    command_shape{"events", poll_request, poll_answer},
    command_shape{"feed", feed_request, {}},
    command_shape{"login", login_request, {}},
    command_shape{"logout", {}, {}},
    command_shape{"sessions", {}, {}},
    command_shape{"apply", apply_fields, {}},
    command_shape{"define", define_request, define_answer},
    command_shape{"definition", definition_request, definition_answer},
    command_shape{"fetch", {}, fetch_answer},
    command_shape{"users-list", {}, {}},
    command_shape{"users-add", new_user_request, {}},
    command_shape{"users-set", changed_user_request, {}},
    command_shape{"users-remove", user_request, {}},
    command_shape{"users-passwd", new_password_request, {}},
    command_shape{"audit", audit_request, {}},
};

} // namespace shape_tables

namespace {

const command_shape* find_shape(std::string_view verb) {
  const auto& all = shape_tables::all_shapes;
  auto found = std::ranges::find(all, verb, &command_shape::verb);
  return found == all.end() ? nullptr : &*found;
}

} // namespace

std::span<const command_shape> command_shapes() { return shape_tables::all_shapes; }

outcome<> fits_request(const nlohmann::ordered_json& request, std::string_view verb) {
  if (auto fine = fits(request, shape_tables::any_request); !fine) return fine;
  auto* shape = find_shape(verb);
  return shape ? fits(request, shape->request) : outcome<>{};
}

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
