#include "node/commands/progress_line.hpp"
#include "node/base/printing.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <array>
#include <iostream>
#include <unistd.h>

namespace hublink {

using namespace std::chrono_literals;
using json = nlohmann::ordered_json;

std::string human_bytes(double bytes) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  while (bytes >= 1000 && unit + 1 < units.size()) {
    bytes /= 1024;
    ++unit;
  }
  if (bytes < 10 && unit > 0) return fmt::format("{:.1f} {}", bytes, units[unit]);
  return fmt::format("{:.0f} {}", bytes, units[unit]);
}

progress_line::progress_line(std::ostream& out) : progress_line(out, ::isatty(STDERR_FILENO) != 0) {}

void progress_line::show(const json& record) {
  auto state = field_text(record, "state");
  bool changed = std::exchange(state_, state) != state;
  if (state == "running")
    rate_.see(field_number(record, "bytes").value_or(0), clock::now());
  else
    rate_.forget();
  bool over = record.contains("ended");
  // A terminal gets what it is sent, a pipe a line for each change and one every five seconds.
  if (!over && !changed && !terminal_ && clock::now() - shown_ < 5s) return;
  shown_ = clock::now();
  if (terminal_) print(out_, "\r\x1b[K");
  if (over) show_receivers(record);
  print(out_, "{}", over ? final_text(record) : text(record));
  if (over || !terminal_) print(out_, "\n");
  out_.flush();
}

// Of a broadcast a row for each, before the line that says how all of it ended.
void progress_line::show_receivers(const json& record) {
  const auto& receivers = field_object(record, "to");
  if (receivers.size() < 2) return;
  for (const auto& [name, state] : receivers.items()) print(out_, "{} {}\n", name, text_of(state));
}

std::string progress_line::text(const json& record) {
  auto line = fmt::format("{} {}", field_text(record, "file"), state_);
  auto size = field_number(record, "size").value_or(0), bytes = field_number(record, "bytes").value_or(0);
  if (state_ != "running" || size == 0 || bytes == 0) return line;
  line += fmt::format(" {}% of {}", bytes * 100 / size, human_bytes(double(size)));
  if (auto rate = rate_.per_second())
    line += fmt::format(", {}/s, {:.0f} s left", human_bytes(*rate), double(size - bytes) / *rate);
  return line + settled_text(record);
}

std::string progress_line::settled_text(const json& record) {
  const auto& receivers = field_object(record, "to");
  if (receivers.size() < 2) return {};
  std::size_t settled = 0;
  for (const auto& [name, state] : receivers.items())
    if (state != "queued" && state != "running") ++settled;
  return fmt::format(", {} of {} receivers", settled, receivers.size());
}

std::string progress_line::final_text(const json& record) const {
  auto line = fmt::format("{} {}", field_text(record, "file"), state_);
  const auto& receivers = field_object(record, "to");
  if (record.contains("reason")) return line + ": " + field_text(record, "reason");
  line += fmt::format(", {}", human_bytes(double(field_number(record, "size").value_or(0))));
  if (receivers.size() > 1) return line + ", " + field_text(record, "digest");
  for (const auto& [name, state] : receivers.items()) line += fmt::format(", {} {}", name, text_of(state));
  if (record.contains("digest")) line += ", " + field_text(record, "digest");
  return line;
}

} // namespace hublink
