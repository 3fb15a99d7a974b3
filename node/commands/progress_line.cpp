#include "node/commands/progress_line.hpp"

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
  auto state = record.value("state", "");
  bool changed = std::exchange(state_, state) != state;
  if (state == "running")
    rate_.see(record.value("bytes", std::uint64_t(0)), clock::now());
  else
    rate_.forget();
  bool over = record.contains("ended");
  // A terminal gets what it is sent, a pipe a line for each change and one every five seconds.
  if (!over && !changed && !terminal_ && clock::now() - shown_ < 5s) return;
  shown_ = clock::now();
  auto line = over ? final_text(record) : text(record);
  if (terminal_)
    out_ << "\r\x1b[K" << line << (over ? "\n" : "") << std::flush;
  else
    out_ << line << std::endl;
}

std::string progress_line::text(const json& record) {
  auto line = fmt::format("{} {}", record.value("file", ""), state_);
  auto size = record.value("size", std::uint64_t(0)), bytes = record.value("bytes", std::uint64_t(0));
  if (state_ != "running" || size == 0 || bytes == 0) return line;
  line += fmt::format(" {}% of {}", bytes * 100 / size, human_bytes(double(size)));
  if (auto rate = rate_.per_second())
    line += fmt::format(", {}/s, {:.0f} s left", human_bytes(*rate), double(size - bytes) / *rate);
  return line + settled_text(record);
}

std::string progress_line::settled_text(const json& record) {
  const auto receivers = record.value("to", json::object());
  if (receivers.size() < 2) return {};
  std::size_t settled = 0;
  for (const auto& [name, state] : receivers.items())
    if (state != "queued" && state != "running") ++settled;
  return fmt::format(", {} of {} receivers", settled, receivers.size());
}

std::string progress_line::final_text(const json& record) const {
  auto line = fmt::format("{} {}", record.value("file", ""), state_);
  const auto receivers = record.value("to", json::object());
  // Of a broadcast a row for each, before the line that says how all of it ended.
  if (receivers.size() > 1) {
    std::string rows;
    for (const auto& [name, state] : receivers.items())
      rows += fmt::format("{} {}\n", name, state.get<std::string>());
    line = rows + line;
  }
  if (record.contains("reason")) return line + ": " + record["reason"].get<std::string>();
  line += fmt::format(", {}", human_bytes(double(record.value("size", std::uint64_t(0)))));
  if (receivers.size() > 1) return line + ", " + record.value("digest", std::string{});
  for (const auto& [name, state] : receivers.items())
    line += fmt::format(", {} {}", name, state.get<std::string>());
  if (record.contains("digest")) line += ", " + record["digest"].get<std::string>();
  return line;
}

} // namespace hublink
