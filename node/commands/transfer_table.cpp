#include "node/commands/transfer_table.hpp"

#include "node/base/printing.hpp"
#include "node/base/time_text.hpp"
#include "node/commands/progress_line.hpp"
#include "node/commands/transfer_choice.hpp"
#include "node/control/request_json.hpp"

#include <array>
#include <vector>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

struct table_row {
  std::string id, file, from, to, state, share, size, rate, started, reason;
};

std::string receivers_of(const json& row) {
  std::string to;
  for (const auto& [name, state] : field_object(row, "to").items()) to += (to.empty() ? "" : ",") + name;
  return to;
}

std::optional<std::int64_t> ms_of(const json& row, const char* field) {
  auto text = field_text(row, field);
  auto dot = text.find('.');
  auto ms = parse_time(dot == text.npos ? text : text.substr(0, dot) + "Z", 0);
  if (!ms) return {};
  return *ms + (dot == text.npos ? 0 : std::atoi(text.substr(dot + 1, 3).c_str()));
}

/// Mean of all that moved so far; empty where nothing can be said.
std::string rate_of(const json& row, std::int64_t now_ms) {
  auto bytes = field_amount(row, "bytes");
  auto began = ms_of(row, "started"), ended = ms_of(row, "ended");
  auto took = began ? ended.value_or(now_ms) - *began : 0;
  bool moves = field_text(row, "state") == "running" || ended;
  if (!moves || bytes <= 0 || took <= 0) return {};
  return human_bytes(bytes * 1000 / double(took)) + "/s";
}

std::string share_of(const json& row) {
  auto bytes = field_number(row, "bytes").value_or(0), size = field_number(row, "size").value_or(0);
  if (size == 0 || bytes > size) return {};
  return std::to_string(bytes * 100 / size) + "%";
}

table_row row_of(const json& row, const terminal& at, std::int64_t now_ms) {
  auto id = field_text(row, "transfer");
  return {at.is_one ? short_id(id) : id,
          field_text(row, "file"),
          field_text(row, "from"),
          receivers_of(row),
          field_text(row, "state"),
          share_of(row),
          human_bytes(field_amount(row, "size")),
          rate_of(row, now_ms),
          shown_time(at, field_text(row, "started")),
          field_text(row, "reason")};
}

std::string cut_to(const std::string& text, std::size_t width) {
  if (width == 0 || text.size() <= width) return text;
  return text.substr(0, width - 1) + "+";
}

/// In the order of importance: what has no room on a narrow terminal is left out.
struct table_column {
  const char* title;
  std::string table_row::*value;
  std::size_t widest;
  bool right = false;
};
constexpr std::array table_columns{
    table_column{"TRANSFER", &table_row::id, 32},    table_column{"FILE", &table_row::file, 20},
    table_column{"FROM", &table_row::from, 12},      table_column{"TO", &table_row::to, 20},
    table_column{"STATE", &table_row::state, 11},    table_column{"", &table_row::share, 4, true},
    table_column{"SIZE", &table_row::size, 9, true}, table_column{"STARTED", &table_row::started, 19},
    table_column{"RATE", &table_row::rate, 11, true}};

void print_for_terminal(std::ostream& out, const terminal& at, const std::vector<table_row>& rows) {
  std::vector<std::pair<table_column, std::size_t>> shown;
  std::size_t used = 0;
  for (const auto& column : table_columns) {
    std::size_t width = std::string_view{column.title}.size();
    for (const auto& row : rows) width = std::max(width, std::min((row.*column.value).size(), column.widest));
    if (width == 0 || used + width + 1 > at.columns) continue;
    used += width + 1;
    shown.emplace_back(column, width);
  }
  auto line = [&](auto text_of_column, const char* reason, mood feels) {
    for (const auto& [column, width] : shown) {
      auto text = cut_to(text_of_column(column), width);
      bool coloured = at.has_colours && column.value == &table_row::state && feels != mood::plain;
      if (coloured) {
        if (feels == mood::good) print(out, "\x1b[32m");
        if (feels == mood::busy) print(out, "\x1b[33m");
        if (feels == mood::bad) print(out, "\x1b[31m");
      }
      if (column.right)
        print(out, "{:>{}} ", text, width);
      else
        print(out, "{:<{}} ", text, width);
      if (coloured) print(out, "\x1b[0m");
    }
    auto room = at.columns - std::min(at.columns, used);
    std::string why = reason;
    if (!why.empty() && room < std::min<std::size_t>(why.size(), 20))
      print(out, "\n    {}", why);
    else
      print(out, "{}", cut_to(why, room));
    print(out, "\n");
  };
  line([](const table_column& column) { return std::string{column.title}; }, "", mood::plain);
  for (const auto& row : rows)
    line([&](const table_column& column) { return row.*column.value; }, row.reason.c_str(),
         mood_of(row.state));
}

} // namespace

void print_transfer_table(std::ostream& out, const terminal& at, const json& transfers,
                          std::chrono::system_clock::time_point now) {
  auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  std::vector<table_row> rows;
  for (const auto& each : transfers) rows.push_back(row_of(each, at, now_ms));
  if (at.is_one) return print_for_terminal(out, at, rows);
  print(out, "{:<32}  {:<12} {:<12} {:<20} {:<11} {:>4} {:>9} {:>11} {:<27}  {}\n", "TRANSFER", "FILE",
        "FROM", "TO", "STATE", "", "SIZE", "RATE", "STARTED", "REASON");
  for (const auto& row : rows)
    print(out, "{:<32}  {:<12} {:<12} {:<20} {:<11} {:>4} {:>9} {:>11} {:<27}  {}\n", row.id, row.file,
          row.from, row.to, row.state, row.share, row.size, row.rate, row.started, row.reason);
}

} // namespace hublink
