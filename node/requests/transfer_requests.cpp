#include "node/requests/transfer_requests.hpp"
#include "node/events/client_events.hpp"
#include "node/events/trace_file.hpp"
#include "node/events/trace_reader.hpp"
#include "node/requests/carried_rows.hpp"
#include "node/requests/local_request.hpp"
#include "protocol/base/json_reader.hpp"

#include <algorithm>
#include <array>

namespace hublink {

/// By itself: the names of kinds are those of much else, too.
namespace transfer_shapes {

using enum json_kind;

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

} // namespace transfer_shapes

namespace {

using json = nlohmann::ordered_json;

// -- send, request: with `wait` until the transfer is over

void show_last_state(local_request& work, const transfer_id& transfer) {
  transfer_query query;
  query.transfer = transfer;
  work.wait_for(
      work.services().node.journal,
      [&work](const std::vector<transfer_record>& found) {
        // Somebody else's transfer may have come here under that id.
        auto sent = std::find_if(found.begin(), found.end(),
                                 [](const auto& record) { return record.side == transfer_side::sender; });
        if (sent == found.end())
          return work.fail({errc::failed, work.here(), "the transfer is not in the journal"});
        work.follow(*sent);
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
  bool wait = work.flag("wait");
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
  request_order order{work.text("file"), work.flag("resend"), work.flag("wait")};
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
        // An id is no proof: somebody else's transfer may have the same.
        auto hidden = [&](const auto& record) { return !work.may_touch(record.file); };
        auto other = std::find_if(found.begin(), found.end(), hidden);
        if (found.empty() || other != found.end())
          return work.fail_as_limited(transfer, found.empty() ? "" : other->file);
        steer_any(work, Atom{}, transfer);
      },
      query);
}

// -- transfers, history

/// Page by page: no actor's turn is long, and of all pages only the text is kept.
class paged_listing : public std::enable_shared_from_this<paged_listing> {
 public:
  paged_listing(local_request& work, transfer_query query)
      : work_(work), query_(std::move(query)), left_(query_.limit) {}

  void go_on() {
    query_.limit = std::min(left_, rows_a_page);
    if (query_.limit == 0) return finish();
    work_.ask(
        work_.services().node.journal,
        [self = shared_from_this()](const std::vector<transfer_record>& found) { self->take(found); },
        query_);
  }

 private:
  static constexpr std::uint32_t rows_a_page = 256;

  void take(const std::vector<transfer_record>& found) {
    const bool carried = !work_.services().by.from.empty();
    for (const auto& record : found) {
      if (!work_.may_touch(record.file)) continue;
      auto row = to_line(to_json(record));
      if (carried && rows_.size() + row.size() > longest_listing) return finish(too_long_at(work_.here()));
      rows_ += (rows_.empty() ? "" : ",") + std::move(row);
    }
    if (found.size() < query_.limit) return finish();
    left_ -= query_.limit;
    query_.after = place_of(found.back());
    go_on();
  }

  void finish() { work_.finish_with_text("{\"transfers\":[" + rows_ + "],\"exit\":0}"); }
  void finish(const json& missing) {
    work_.finish_with_text("{\"transfers\":[" + rows_ + "],\"missing\":[" + to_line(missing) +
                           "],\"exit\":6}");
  }

  local_request& work_;
  transfer_query query_;
  std::uint32_t left_;
  std::string rows_; ///< as JSON, with commas between them
};

void list(local_request& work, std::optional<bool> finished) {
  const auto& request = work.request();
  transfer_query query;
  query.finished = finished;
  if (auto limit = field_number(request, "limit")) query.limit = std::uint32_t(*limit);
  query.file = work.text("file");
  query.transfer = work.text("transfer");
  query.host = work.text("host");
  query.since_ms = field_integer(request, "since_ms");
  query.until_ms = field_integer(request, "until_ms");
  if (auto wanted = work.text("state"); !wanted.empty()) {
    query.state = transfer_state_from_string(wanted);
    if (!query.state)
      return work.fail({errc::bad_config, work.here(),
                        "there is no state '" + wanted + "'; these are: " + all_transfer_states()});
  }
  std::make_shared<paged_listing>(work, std::move(query))->go_on();
}

void list_all(local_request& work) { list(work, {}); }
void list_ended(local_request& work) { list(work, true); }

json join_transfers(const gathered_answers& all) {
  auto rows = all.rows("transfers");
  std::sort(rows.begin(), rows.end(), [](const json& a, const json& b) {
    auto a_id = field_text(a, "transfer"), b_id = field_text(b, "transfer");
    return a_id != b_id ? a_id > b_id : field_text(a, "side") > field_text(b, "side"); // newest first
  });
  auto limit = field_number(all.request, "limit").value_or(1000);
  if (rows.size() > limit) rows.resize(limit);
  json answer{{"transfers", json::array()}};
  std::size_t size = 0;
  for (auto& row : rows) {
    size += all.services.self->role == role::server ? to_line(row).size() : 0;
    if (size > longest_listing) {
      answer["missing"].push_back(too_long_at(all.services.self->node));
      break;
    }
    answer["transfers"].push_back(std::move(row));
  }
  return answer;
}

// -- trace

void show_trace(local_request& work, json events) {
  auto of_others = [&](const json& event) {
    return event.contains("file") && !work.may_touch(field_text(event, "file"));
  };
  auto of_mine = [&](const json& event) {
    return event.contains("file") && work.may_touch(field_text(event, "file"));
  };
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
      [&work](const std::string& found) {
        auto events = read_json(found);
        if (!events) return work.fail(events.error());
        show_trace(work, std::move(*events));
      },
      trace_atom_v, transfer_id{work.text("transfer")}, services.by.from);
}

json join_traces(const gathered_answers& all) {
  auto rows = all.rows("trace");
  std::sort(rows.begin(), rows.end(),
            [](const json& a, const json& b) { return field_text(a, "time") < field_text(b, "time"); });
  json events(rows);
  number_times(events);
  return {{"trace", std::move(events)}};
}

} // namespace

std::span<const verb> transfer_verbs() {
  using enum right;
  using enum subject;
  using field = request_field;
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  static constexpr std::array send_fields{field::needed_name("file"), field::flag_of("wait")};
  static constexpr std::array ask_fields{field::needed_name("file"), field::flag_of("resend"),
                                         field::flag_of("wait")};
  static constexpr std::array transfer_alone{field::needed_name("transfer")};
  static constexpr std::array filters{field::name_of("file"),
                                      field::name_of("transfer"),
                                      field::name_of("host"),
                                      field::name_of("state"),
                                      field{"since_ms", field::kind::number, false, least, most},
                                      field{"until_ms", field::kind::number, false, least, most},
                                      field::limit_of("limit")};
  static constexpr std::array rows{
      verb{.name = "send",
           .takes = {transfer, file},
           .scope = verb_scope::sender_of_file,
           .serve = run<send>,
           .fields = send_fields,
           .answer = transfer_shapes::record_answer,
           .http = {.once = true}},
      verb{.name = "request",
           .takes = {transfer, file},
           .scope = verb_scope::client,
           .serve = run<ask_for>,
           .fields = ask_fields,
           .answer = transfer_shapes::record_answer},
      verb{.name = "cancel",
           .takes = {transfer, file},
           .scope = verb_scope::sender_of_transfer,
           .serve = run<steer<cancel_atom>>,
           .fields = transfer_alone,
           .answer = transfer_shapes::record_answer},
      verb{.name = "retry",
           .takes = {transfer, file},
           .scope = verb_scope::sender_of_transfer,
           .serve = run<steer<retry_atom>>,
           .fields = transfer_alone,
           .answer = transfer_shapes::record_answer},
      verb{.name = "transfers",
           .takes = {view, listing},
           .scope = verb_scope::network,
           .serve = run<list_all>,
           .fields = filters,
           .answer = transfer_shapes::transfers_answer,
           .http = {.list = "transfers"},
           .join = join_transfers},
      verb{.name = "history",
           .takes = {view, listing},
           .scope = verb_scope::network,
           .serve = run<list_ended>,
           .fields = filters,
           .answer = transfer_shapes::transfers_answer,
           .http = {.list = "transfers"},
           .join = join_transfers},
      verb{.name = "trace",
           .takes = {view, listing},
           .scope = verb_scope::network,
           .serve = run<trace>,
           .fields = transfer_alone,
           .answer = transfer_shapes::trace_answer,
           .join = join_traces},
  };
  return rows;
}

} // namespace hublink
