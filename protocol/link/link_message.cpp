#include "protocol/link/link_message.hpp"

#include "protocol/base/cbor_fields.hpp"
#include "protocol/base/utf8.hpp"
#include "protocol/trust/shown_fields.hpp"

#include <algorithm>

namespace hublink {
namespace {

using cbor::fields;
using cbor::json;

constexpr std::size_t max_path = 64, max_type = 32;
/// All that nodes of 0.1 take as `hops_left`: the rest stands beside it, where they pass over it.
constexpr std::uint8_t known_hops = 32;

bool is_open_id(std::string_view text) {
  return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// -- to CBOR
// --------------------------------------------------------------------------------------------------

void put_failure(json& to, const failure& why) {
  to["code"] = to_string(why.code);
  if (!why.hop.empty()) to["hop"] = make_printable(why.hop, cbor::max_name);
  to["text"] = make_printable(why.text, cbor::max_text); // may quote a path of any bytes
  if (why.at_end) to["at_end"] = true;
}

void put_list(json& to, const char* key, const std::vector<std::string>& names) {
  if (!names.empty()) to[key] = names;
}

json to_json(const hello& message) {
  return {{"t", "hello"},         {"oldest", message.oldest},        {"newest", message.newest},
          {"name", message.name}, {"role", to_string(message.role)}, {"incarnation", message.incarnation}};
}

json to_json(const open_request& request) {
  auto& body = request.body;
  json made{{"t", "open"},
            {"n", request.number},
            {"id", body.open_id},
            {"kind", to_string(body.kind)},
            {"transfer", body.transfer},
            {"attempt", body.attempt},
            {"budget_ms", body.budget_ms},
            {"hops_left", std::min(body.hops_left, known_hops)}};
  if (body.hops_left > known_hops) made["more_hops"] = body.hops_left - known_hops;
  if (body.file) made["file"] = *body.file;
  if (body.round) made["round"] = body.round;
  if (body.source) made["source"] = *body.source;
  if (body.dial_back) made["dial_back"] = cbor::to_binary(*body.dial_back);
  if (body.share) made["share"] = *body.share;
  if (body.reads) made["reads"] = true;
  put_list(made, "to", body.destination);
  put_list(made, "only", body.only);
  return made;
}

json to_json(const answer& given) {
  json made{{"n", given.number}};
  if (auto why = std::get_if<failure>(&given.body)) {
    made["t"] = "failed";
    put_failure(made, *why);
    return made;
  }
  auto& done = std::get<opened>(given.body);
  made["t"] = "opened";
  made["token"] = cbor::to_binary(done.data_token);
  put_list(made, "receivers", done.receivers);
  for (auto& hop : done.path) made["path"].push_back(json::array({hop.node, hop.micros}));
  return made;
}

json to_json(const abandon& order) {
  json made{{"t", "abandon"}, {"id", order.key.open_id}};
  if (!order.key.file.empty()) made["file"] = order.key.file;
  put_list(made, "to", order.key.destination);
  put_failure(made, order.why);
  return made;
}

json to_json(const beat& sign) { return {{"t", "beat"}, {"answer", sign.answer}}; }
json to_json(const drain& order) {
  json made{{"t", "drain"}};
  if (order.why) put_failure(made, *order.why);
  return made;
}

json to_json(const command& message) {
  json made{{"t", "command"}, {"n", message.number}, {"body", cbor::to_binary(as_bytes(message.body))}};
  if (message.more) made["more"] = true;
  return made;
}

json to_json(const report& message) {
  json made{{"t", "report"}, {"n", message.number}, {"body", cbor::to_binary(as_bytes(message.body))}};
  if (message.more) made["more"] = true;
  if (message.last) made["last"] = true;
  if (message.why) put_failure(made, *message.why);
  return made;
}

json to_json(const shown_certificate& shown) {
  auto to = fields_of(shown);
  to["t"] = "certificate";
  return to;
}

json to_json(const returned& word) { return {{"t", "returned"}, {"transfer", word.transfer}}; }

json to_json(const unknown_message& other) {
  json made{{"t", other.type}};
  if (!other.kind.empty()) made["kind"] = other.kind;
  if (other.number) made["n"] = *other.number;
  return made;
}

// -- from CBOR
// ------------------------------------------------------------------------------------------------

failure read_failure(fields& from) {
  failure why;
  why.code = errc_from_string(from.text("code", cbor::max_name));
  why.hop = from.text("hop", cbor::max_name);
  why.text = from.text("text", cbor::max_text);
  why.at_end = from.flag("at_end");
  return why;
}

std::string read_open_id(fields& from) {
  auto id = from.name("id");
  if (!is_open_id(id)) from.wrong("id", "16 hex digits");
  return id;
}

link_message read_hello(fields& from) {
  hello message;
  message.oldest = static_cast<std::uint16_t>(from.number("oldest", 1, UINT16_MAX));
  message.newest = static_cast<std::uint16_t>(from.number("newest", message.oldest, UINT16_MAX));
  message.name = from.name("name");
  message.incarnation = from.number("incarnation");
  if (auto found = role_from_string(from.name("role")))
    message.role = *found;
  else
    from.wrong("role", "manager, server or client");
  return message;
}

link_message read_open(fields& from) {
  open_request request;
  request.number = from.number("n");
  auto kind = from.text("kind", max_type);
  auto known = circuit_kind_from_string(kind);
  if (kind.empty()) from.wrong("kind", "the circuit's kind");
  if (!known) return unknown_message{"open", request.number, kind};
  auto& body = request.body;
  body.kind = *known;
  body.open_id = read_open_id(from);
  body.transfer = from.name("transfer");
  if (!is_transfer_id(body.transfer)) from.wrong("transfer", "32 hex digits");
  body.attempt = static_cast<std::uint32_t>(from.number("attempt", 1, UINT32_MAX));
  body.file = from.optional_name("file");
  body.destination = from.names("to");
  body.source = from.optional_name("source");
  body.only = from.names("only");
  body.budget_ms = static_cast<std::uint32_t>(from.number("budget_ms", 0, UINT32_MAX));
  auto hops = from.number("hops_left", 0, max_hops);
  if (from.find("more_hops")) hops += from.number("more_hops", 0, max_hops - known_hops);
  body.hops_left = static_cast<std::uint8_t>(std::min<std::uint64_t>(hops, max_hops));
  if (from.find("round")) body.round = static_cast<std::uint32_t>(from.number("round", 0, UINT32_MAX));
  body.dial_back = from.optional_key("dial_back");
  if (from.find("share")) body.share = from.number("share");
  body.reads = from.flag("reads");
  return request;
}

std::vector<hop_time> read_path(fields& from) {
  auto rows = from.find("path");
  if (!rows) return {};
  std::vector<hop_time> path;
  auto fine = rows->is_array() && rows->size() <= max_path;
  for (std::size_t i = 0; fine && i < rows->size(); ++i) {
    auto& row = (*rows)[i];
    fine = row.is_array() && row.size() >= 2;
    if (!fine) break;
    json cells{{"node", row[0]}, {"micros", row[1]}};
    fields cell(cells);
    path.push_back({cell.name("node"), static_cast<std::uint32_t>(cell.number("micros", 0, UINT32_MAX))});
    fine = cell.problem().empty();
  }
  if (!fine) from.wrong("path", "up to 64 pairs of a name and microseconds");
  return path;
}

link_message read_opened(fields& from) {
  opened done;
  auto number = from.number("n");
  done.data_token = from.key_of("token");
  done.receivers = from.names("receivers");
  done.path = read_path(from);
  return answer{number, std::move(done)};
}

link_message read_failed(fields& from) {
  auto number = from.number("n");
  return answer{number, read_failure(from)};
}

link_message read_abandon(fields& from) {
  abandon order;
  order.key = {read_open_id(from), from.optional_name("file").value_or(""), from.names("to")};
  order.why = read_failure(from);
  return order;
}

std::string read_body(fields& from) {
  auto value = from.find("body");
  if (value && value->is_binary() && value->get_binary().size() <= max_command_part)
    return {value->get_binary().begin(), value->get_binary().end()};
  from.wrong("body", "up to 32,768 bytes");
  return {};
}

link_message read_command(fields& from) {
  return command{from.number("n"), read_body(from), from.flag("more")};
}

link_message read_report(fields& from) {
  report message{.number = from.number("n"),
                 .body = read_body(from),
                 .more = from.flag("more"),
                 .last = from.flag("last")};
  if (from.find("code")) message.why = read_failure(from);
  return message;
}

link_message read_returned(fields& from) {
  returned word{.transfer = from.name("transfer")};
  if (!is_transfer_id(word.transfer)) from.wrong("transfer", "32 hex digits");
  return word;
}

link_message read_unknown(fields& from, const std::string& type) {
  unknown_message other{.type = type};
  if (from.find("n")) other.number = from.number("n");
  return other;
}

link_message read(fields& from, const std::string& type) {
  if (type == "hello") return read_hello(from);
  if (type == "open") return read_open(from);
  if (type == "opened") return read_opened(from);
  if (type == "failed") return read_failed(from);
  if (type == "abandon") return read_abandon(from);
  if (type == "beat") return beat{from.flag("answer")};
  if (type == "drain") return from.find("code") ? drain{read_failure(from)} : drain{};
  if (type == "command") return read_command(from);
  if (type == "report") return read_report(from);
  if (type == "certificate") return read_shown(from);
  if (type == "returned") return read_returned(from);
  return read_unknown(from, type);
}

} // namespace

outcome<bytes> encode(const link_message& message) {
  auto object = std::visit([](auto& record) { return to_json(record); }, message);
  bytes made;
  for (auto octet : json::to_cbor(object)) made.push_back(std::byte(octet));
  auto read_back = decode(made); // nothing is said that this node would not take
  if (!read_back) return {errc::bad_message, "not sent: " + read_back.error().text};
  return made;
}

outcome<link_message> decode(byte_view cbor) {
  if (cbor.size() > max_frame)
    return {errc::bad_message, "link message of " + std::to_string(cbor.size()) + " bytes, more than " +
                                   std::to_string(max_frame)};
  auto object = cbor::parse_map(cbor);
  if (!object) return {errc::bad_message, "link message is no CBOR map"};
  fields from(*object);
  auto type = from.text("t", max_type);
  if (type.empty()) from.wrong("t", "the message's type");
  auto message = read(from, type);
  if (!from.problem().empty())
    return {errc::bad_message, "link message \"" + make_printable(type, max_type) + "\", " + from.problem()};
  return message;
}

outcome<> check_version(circuit_kind kind, const std::string& peer, role peer_role, std::uint16_t version) {
  constexpr std::uint16_t since = 2;
  if (kind != circuit_kind::transfer || peer_role != role::client || version >= since) return {};
  return {errc::bad_message, peer + " speaks link version " + std::to_string(version) +
                                 ", and files are sealed as of " + "version " + std::to_string(since) +
                                 ": upgrade " + peer};
}

outcome<std::uint16_t> negotiate(const hello& mine, const hello& theirs) {
  auto newest = std::min(mine.newest, theirs.newest);
  if (newest >= std::max(mine.oldest, theirs.oldest)) return newest;
  auto range = [](const hello& side) {
    return std::to_string(side.oldest) + " to " + std::to_string(side.newest);
  };
  return {errc::bad_message, theirs.name + " speaks link versions " + range(theirs) + ", this node " +
                                 range(mine) + ": upgrade the older of the two"};
}

} // namespace hublink
