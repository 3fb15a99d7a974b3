#include "protocol/circuit/load_records.hpp"

#include "protocol/base/utf8.hpp"
#include "protocol/circuit/record_map.hpp"

#include <array>

namespace hublink {
namespace {

using cbor::fields;
using cbor::json;

constexpr std::uint16_t load_version = 1;
constexpr std::uint64_t most_amount = 1ull << 53;
constexpr std::uint32_t most_percent = 1'000'000;

/// A number of a line, by its name in the record.
struct number_field {
  const char* name;
  std::uint64_t line_rate::*member;
};
constexpr std::array numbers{
    number_field{"micros", &line_rate::micros},
    number_field{"bytes", &line_rate::bytes},
    number_field{"bits_per_s", &line_rate::bits_per_s},
    number_field{"round_trip_micros", &line_rate::round_trip_micros},
    number_field{"least_round_trip_micros", &line_rate::least_round_trip_micros},
    number_field{"segments_out", &line_rate::segments_out},
    number_field{"retransmitted", &line_rate::retransmitted},
    number_field{"lost_ppm", &line_rate::lost_ppm},
    number_field{"window", &line_rate::window},
    number_field{"peer_window", &line_rate::peer_window},
    number_field{"send_most", &line_rate::send_most},
    number_field{"receive_most", &line_rate::receive_most},
};

json map_of(const line_rate& line) {
  json map{{"from", line.from},
           {"to", line.to},
           {"congestion", make_printable(line.congestion, cbor::max_name)},
           {"limited_by", line.limited_by},
           {"sender_cpu", line.sender_cpu_percent},
           {"receiver_cpu", line.receiver_cpu_percent}};
  for (const auto& field : numbers) map[field.name] = line.*field.member;
  return map;
}

line_rate read_line(fields& from) {
  line_rate line;
  line.from = from.name("from");
  line.to = from.name("to");
  line.congestion = from.text("congestion", cbor::max_name);
  line.limited_by = from.name("limited_by");
  line.sender_cpu_percent = std::uint32_t(from.number("sender_cpu", 0, most_percent));
  line.receiver_cpu_percent = std::uint32_t(from.number("receiver_cpu", 0, most_percent));
  for (const auto& field : numbers) line.*field.member = from.number(field.name, 0, most_amount);
  return line;
}

std::vector<line_rate> read_lines(fields& from) {
  std::vector<line_rate> lines;
  const auto* list = from.find("lines");
  if (!list || !list->is_array() || list->size() > most_lines) {
    from.wrong("lines", "a list of up to 64 lines");
    return lines;
  }
  for (const auto& each : *list) {
    fields row(each);
    if (each.is_object()) lines.push_back(read_line(row));
    if (!each.is_object() || !row.problem().empty()) from.wrong("lines", "lines with all their numbers");
  }
  return lines;
}

} // namespace

bytes encode(const load_begin& record) {
  return cbor::to_bytes({{"version", load_version}, {"ms", record.time.count()}});
}

// What lies behind is others' word: more of it than a record takes is left out, the farthest first.
bytes encode(const load_result& record) {
  json map{{"node", record.taken.node},
           {"bytes", record.taken.bytes},
           {"receive_most", record.taken.receive_most},
           {"cpu", record.taken.cpu_percent},
           {"lines", json::array()}};
  for (const auto& line : record.behind.lines) map["lines"].push_back(map_of(line));
  if (const auto& why = record.behind.failed) {
    map["code"] = to_string(why->code);
    map["hop"] = make_printable(why->hop, cbor::max_name);
    map["text"] = make_printable(text_for_others(*why), cbor::max_text);
  }
  auto& lines = map["lines"];
  auto made = cbor::to_bytes(map);
  while (!lines.empty() && (lines.size() > most_lines || made.size() > max_body(record_type::load_result))) {
    lines.erase(lines.size() - 1);
    made = cbor::to_bytes(map);
  }
  return made;
}

outcome<load_begin> decode_load_begin(byte_view body) {
  return cbor::decode_record<load_begin>(record_type::load_begin, body, [](fields& from) {
    if (from.number("version") != load_version) from.wrong("version", "1");
    return load_begin{std::chrono::milliseconds{
        from.number("ms", std::uint64_t(least_load.count()), std::uint64_t(most_load.count()))}};
  });
}

outcome<load_result> decode_load_result(byte_view body) {
  return cbor::decode_record<load_result>(record_type::load_result, body, [](fields& from) {
    load_result record;
    record.taken.node = from.name("node");
    record.taken.bytes = from.number("bytes", 0, most_amount);
    record.taken.receive_most = from.number("receive_most", 0, most_amount);
    record.taken.cpu_percent = std::uint32_t(from.number("cpu", 0, most_percent));
    record.behind.lines = read_lines(from);
    if (from.find("code"))
      record.behind.failed = failure{errc_from_string(from.text("code", cbor::max_name)),
                                     from.text("hop", cbor::max_name), from.text("text", cbor::max_text)};
    return record;
  });
}

} // namespace hublink
