#include "node/requests/node_requests.hpp"
#include "actors/base/fallen_actors.hpp"
#include "actors/base/near_limits.hpp"
#include "node/base/byte_amounts.hpp"
#include "node/base/time_text.hpp"
#include "node/definition/definition_services.hpp"
#include "node/files/disk_pools.hpp"
#include "node/requests/definition_requests.hpp"
#include "node/requests/local_request.hpp"
#include "node/socket/waiting_listeners.hpp"
#include "protocol/base/json_reader.hpp"
#include "protocol/definition/signed_status.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace hublink {

/// By itself: the names of kinds are those of much else, too.
namespace node_shapes {

using enum json_kind;

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
constexpr std::array own_fields{json_field{"node", text, true}, json_field{"role", text, true},
                                json_field{"certificate", object}};
constexpr std::array status_answer{json_field{"status", object, false, status_row},
                                   json_field{"nodes", rows, false, status_row},
                                   json_field{"own", object, false, own_fields}};
constexpr std::array hop_row{json_field{"node", text, true}, json_field{"micros", number, true}};
constexpr std::array ping_fields{json_field{"host", text, true}, json_field{"micros", number, true},
                                 json_field{"hops", rows, true, hop_row}};
constexpr std::array ping_answer{json_field{"ping", object, true, ping_fields}};
constexpr std::array line_row{json_field{"from", text, true},
                              json_field{"to", text, true},
                              json_field{"bits_per_s", number, true},
                              json_field{"limited_by", text, true},
                              json_field{"round_trip_micros", number, true},
                              json_field{"least_round_trip_micros", number, true},
                              json_field{"segments_out", number, true},
                              json_field{"retransmitted", number, true},
                              json_field{"lost_ppm", number, true},
                              json_field{"congestion", text, true},
                              json_field{"window", number, true},
                              json_field{"peer_window", number, true},
                              json_field{"send_buffer_most", number, true},
                              json_field{"receive_buffer_most", number, true},
                              json_field{"sender_cpu_percent", number, true},
                              json_field{"receiver_cpu_percent", number, true},
                              json_field{"micros", number, true},
                              json_field{"bytes", number, true},
                              json_field{"window_most", number},
                              json_field{"windows_carry_bits_per_s", number},
                              json_field{"advice", text}};
constexpr std::array why_fields{json_field{"code", text, true}, json_field{"hop", text, true},
                                json_field{"reason", text, true}};
constexpr std::array measured_fields{json_field{"host", text, true},
                                     json_field{"lines", rows, true, line_row},
                                     json_field{"failed", object, false, why_fields}};
constexpr std::array measured_answer{json_field{"measured", object, true, measured_fields}};
constexpr std::array held_answer{json_field{"held", flag, true}};
constexpr std::array drained_fields{json_field{"left", number, true}, json_field{"waited_ms", number, true}};
constexpr std::array drained_answer{json_field{"drained", object, true, drained_fields}};

} // namespace node_shapes

namespace {

using json = nlohmann::ordered_json;

// -- status

/// Of those that wait; see the dispatcher.
constexpr std::uint64_t most_taken_up = 1'000'000;

constexpr std::int64_t default_drain_s = 600, most_drain_s = 86'400;

/// Null: it is not known here.
json certificate_status(const control_services& services) {
  auto* own = services.definitions ? services.definitions->certificate : nullptr;
  if (!own) return {};
  auto standing = own->now();
  json shape{{"state", to_string(standing.state)}};
  if (standing.until) shape["until"] = to_rfc3339(*standing.until);
  if (!standing.problem.empty()) shape["reason"] = standing.problem;
  if (standing.renews) shape["renews"] = to_rfc3339(*standing.renews);
  if (!standing.not_renewed.empty()) shape["not_renewed"] = standing.not_renewed;
  return shape;
}

/// What takes longer than a healthy disk does; null: nothing, or nothing for one who may see single files
/// only.
json slow_disks(const local_request& work) {
  json rows;
  if (!work.services().disks || work.is_limited()) return rows;
  for (const auto& [place, what, since] : work.services().disks->slow(disk_pool::slow_after))
    rows.push_back({{"place", place}, {"doing", what}, {"seconds", since.count()}});
  return rows;
}

/// A client signs it where a manager asks, since servers carry it. A server's comes over its own session.
void finish_signed(local_request& work, json shape) {
  json answer;
  auto nonce = work.text("nonce");
  auto* definitions = work.services().definitions;
  bool carried = work.services().self->role == role::client && definitions && !nonce.empty();
  if (carried) {
    auto made = sign_status(to_line(shape), nonce, *definitions->id.now());
    if (!made) return work.fail(made.error());
    shape["signed"] = to_hex(*made);
  }
  answer["status"] = std::move(shape);
  work.finish(std::move(answer));
}

void finish_status(local_request& work, json shape) {
  tally_query unfinished;
  if (work.is_limited()) unfinished.files = work.limit().names();
  work.ask_briefly(
      work.services().node.journal,
      [&work, shape](const transfer_tally& now) mutable {
        shape["transfers"] = {{"queued", now.queued}, {"running", now.running}};
        if (now.queued * 100 >= most_taken_up * near_limit)
          shape["warnings"].push_back(
              near_limits::warning_of("transfers that wait, and are taken up at a start (1,000,000)"));
        finish_signed(work, std::move(shape));
      },
      [&work, shape]() mutable {
        shape["transfers"] = json::object();
        if (!work.is_limited())
          shape["disks"].push_back({{"place", work.services().data.string()}, {"doing", "the journal"}});
        finish_signed(work, std::move(shape));
      },
      unfinished);
}

void status(local_request& work) {
  work.ask(
      work.services().supervisor,
      [&work](const node_status& status) {
        auto self = work.services().self.now();
        json shape{{"node", self->node},       {"role", to_string(self->role)},
                   {"network", self->network}, {"address", to_string(self->address)},
                   {"listen", json::array()},  {"links", json::array()}};
        for (const auto& where : work.services().listens) shape["listen"].push_back(to_string(where));
        for (const auto& waiting : waiting_listeners::of_process().all())
          shape["not_listening"].push_back(
              {{"name", waiting.name}, {"listen", waiting.listen}, {"reason", waiting.reason}});
        const auto lines = work.services().lines ? work.services().lines() : line_reports{};
        for (const auto& link : status.links) shape["links"].push_back(to_json(link, lines));
        if (status.held) shape["held"] = true;
        if (auto slow = slow_disks(work); !slow.is_null()) shape["disks"] = std::move(slow);
        if (status.drained) shape["drained"] = true;
        for (const auto& [part, fall] : fallen_actors::of_process().all())
          shape["failed"].push_back({{"part", part}, {"times", fall.times}, {"reason", fall.reason}});
        if (work.services().definitions && !work.is_limited()) { // they name files
          auto warnings = work.services().definitions->warnings();
          if (!warnings.empty()) shape["warnings"] = std::move(warnings);
        }
        for (const auto& link : status.links)
          if (std::int64_t(link.circuits) * 100 >= std::int64_t(self->limits.circuits) * near_limit)
            shape["warnings"].push_back(
                near_limits::warning_of("circuits of " + link.peer + " (limits.circuits)"));
        if (work.services().definitions)
          shape["definition"] = definition_status(*work.services().definitions);
        if (auto certificate = certificate_status(work.services()); !certificate.is_null())
          shape["certificate"] = std::move(certificate);
        finish_status(work, std::move(shape));
      },
      status_atom_v);
}

/// Of a server's answer: what that client itself signed. Fails where anybody else may have made it up.
outcome<json> proved_status(const gathered_answers& all, const json& row, const std::string& server) {
  const auto& definitions = *all.services.definitions;
  auto self = all.services.self.now();
  auto node = field_text(row, "node");
  auto home = self->directory.homes.find(node);
  if (home == self->directory.homes.end() || home->second != server)
    return {errc::not_authorised, server + " is not the home server of " + node};
  auto made = from_hex(field_text(row, "signed"));
  if (!made || made->empty()) return {errc::not_authorised, "a status that " + node + " has not signed"};
  auto content =
      verify_status(*made, node, role::client, all.nonce, *definitions.ca, definitions.wall_clock());
  if (!content) return content.error();
  auto status = read_json_object(*content);
  if (!status || field_text(*status, "node") != node)
    return {errc::bad_message, "a status of " + node + " that can't be read"};
  return std::move(*status);
}

/// At a manager: of each answer the server's own row, and what its clients signed.
json proved_rows(const gathered_answers& all) {
  json answer{{"nodes", json::array()}, {"missing", json::array()}};
  for (std::size_t i = 0; i < all.answers.size(); ++i) {
    const auto& server = all.from[i];
    for (const auto& row : field_list(all.answers[i], "nodes")) {
      if (!row.is_object()) continue;
      auto node = field_text(row, "node");
      auto proved = node == server ? outcome<json>{row} : proved_status(all, row, server);
      if (proved)
        answer["nodes"].push_back(std::move(*proved));
      else
        answer["missing"].push_back(
            {{"node", node},
             {"reason", to_string(failure{proved.error().code, server, proved.error().text})}});
    }
  }
  return answer;
}

/// Of a manager, which is no row of its own.
json own_row(const control_services& services) {
  return {{"node", services.self->node},
          {"role", to_string(services.self->role)},
          {"certificate", certificate_status(services)}};
}

/// Servers answer with rows of their clients and their own, clients with their own status.
json join_status(const gathered_answers& all) {
  bool proves = all.services.self->role == role::manager && all.services.definitions;
  auto answer = proves ? proved_rows(all) : json{{"nodes", all.rows("nodes")}};
  auto& nodes = answer["nodes"];
  for (const auto& answer : all.answers)
    if (auto* own = find_field(answer, "status"); own && !proves) nodes.push_back(*own);
  std::sort(nodes.begin(), nodes.end(),
            [](const json& a, const json& b) { return field_text(a, "node") < field_text(b, "node"); });
  if (all.services.definitions) note_drift(*all.services.definitions, nodes);
  if (proves) answer["own"] = own_row(all.services);
  return answer;
}

// -- ping, measure, hold, release, drain, rate

void ping(local_request& work) {
  work.ask(
      work.services().supervisor,
      [&work](const ping_report& report) {
        work.finish({{"ping", to_json(report)}});
      },
      ping_order{work.text("host")});
}

void load_lines(local_request& work) {
  const auto time = field_number(work.request(), "for_ms").value_or(0);
  work.wait_for(
      work.services().supervisor,
      [&work](const load_report& report) {
        const auto& why = report.rates.failed;
        work.finish({{"measured", to_json(report)}, {"exit", why ? exit_code(why->code) : 0}});
      },
      load_order{.host = work.text("host"), .time = std::chrono::milliseconds{time}, .goes_on = {}});
}

template <bool on>
void hold(local_request& work) {
  auto* dispatcher = work.dispatcher();
  if (!dispatcher) return;
  work.ask(
      *dispatcher,
      [&work](bool held) {
        work.finish({{"held", held}});
      },
      hold_atom_v, on);
}

void drain_node(local_request& work) {
  const auto longest = field_number(work.request(), "for_s").value_or(default_drain_s);
  if (longest > most_drain_s)
    return work.fail({errc::bad_config, work.here(), "a node is drained for a day (86400 s) at most"});
  work.ask(
      work.services().supervisor,
      [&work](const drain_report& how) {
        work.finish({{"drained", {{"left", how.left}, {"waited_ms", how.took.count()}}}});
      },
      drain_atom_v, std::chrono::milliseconds{std::chrono::seconds{longest}});
}

void change_rate(local_request& work) {
  auto transfer = work.text("transfer");
  auto rate = field_number(work.request(), "rate").value_or(0);
  if (rate > 0 && rate < least_rate)
    return work.fail({errc::bad_config, work.here(),
                      "the rate must be 0, for no limit, or at least " + byte_rate_text(least_rate)});
  if (transfer.empty()) {
    caf::anon_send(work.services().supervisor, rate_atom_v, rate);
    return work.finish(json::object());
  }
  auto done = [&work, transfer](bool known) {
    if (known) return work.finish(json::object());
    work.fail({errc::bad_config, work.here(),
               "transfer " + transfer + " is neither queued nor running here; see hublink transfers"});
  };
  const auto& dispatcher = work.services().node.dispatcher;
  if (!dispatcher) return done(false);
  work.ask(*dispatcher, done, rate_atom_v, transfer, rate);
}

} // namespace

std::span<const verb> node_verbs() {
  using enum right;
  static constexpr std::array status_fields{request_field::name_of("nonce")};
  static constexpr std::array ping_fields{request_field::needed_name("host")};
  static constexpr std::array measure_fields{
      request_field::needed_name("host"),
      request_field{"for_ms", request_field::kind::number, true, least_load.count(), most_load.count()}};
  static constexpr std::array drain_fields{request_field{"for_s", request_field::kind::number, false, 0,
                                                         std::numeric_limits<std::int32_t>::max()}};
  static constexpr std::array rate_fields{
      request_field{"rate", request_field::kind::number, true, 0, most_rate},
      request_field{"transfer", request_field::kind::word, false, 0, 255}};
  static constexpr std::array rows{
      verb{.name = "status",
           .takes = {view, subject::none},
           .scope = verb_scope::network,
           .serve = run<status>,
           .fields = status_fields,
           .answer = node_shapes::status_answer,
           .join = join_status},
      verb{.name = "ping",
           .takes = {view, subject::none},
           .scope = verb_scope::here,
           .serve = run<ping>,
           .fields = ping_fields,
           .answer = node_shapes::ping_answer},
      verb{.name = "measure",
           .takes = {manage, subject::node},
           .scope = verb_scope::here,
           .serve = run<load_lines>,
           .fields = measure_fields,
           .answer = node_shapes::measured_answer},
      verb{.name = "hold",
           .takes = {manage, subject::node},
           .scope = verb_scope::client,
           .serve = run<hold<true>>,
           .answer = node_shapes::held_answer},
      verb{.name = "release",
           .takes = {manage, subject::node},
           .scope = verb_scope::client,
           .serve = run<hold<false>>,
           .answer = node_shapes::held_answer},
      verb{.name = "drain",
           .takes = {manage, subject::node},
           .scope = verb_scope::here,
           .serve = run<drain_node>,
           .fields = drain_fields,
           .answer = node_shapes::drained_answer},
      verb{.name = "rate",
           .takes = {manage, subject::node},
           .scope = verb_scope::here,
           .serve = run<change_rate>,
           .fields = rate_fields},
  };
  return rows;
}

} // namespace hublink
