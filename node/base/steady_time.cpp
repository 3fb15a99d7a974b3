#include "node/base/steady_time.hpp"
#include "node/base/json_text.hpp"
#include "node/base/small_file.hpp"
#include "node/base/time_text.hpp"
#include "protocol/base/json_reader.hpp"

#include <spdlog/fmt/fmt.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;
using std::chrono::milliseconds;

std::string read_boot_id() {
  std::ifstream in{"/proc/sys/kernel/random/boot_id"};
  std::string id;
  std::getline(in, id);
  return id;
}

std::int64_t milliseconds_of(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::int64_t(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

std::optional<time_mark> mark_from(const std::string& text) {
  auto read = read_json_object(text);
  if (!read) return {};
  for (auto key : {"since_boot_ms", "wall_ms", "steady_ms"})
    if (auto found = read->find(key); found == read->end() || !found->is_number_integer()) return {};
  auto boot = read->find("boot");
  if (boot == read->end() || !boot->is_string()) return {};
  return time_mark{*boot, (*read)["since_boot_ms"], (*read)["wall_ms"], (*read)["steady_ms"]};
}

std::string length_text(std::int64_t ms) {
  auto seconds = (std::llabs(ms) + 500) / 1000;
  if (seconds >= 2 * 86'400) return fmt::format("{} days", seconds / 86'400);
  if (seconds >= 2 * 3600) return fmt::format("{} h", seconds / 3600);
  if (seconds >= 120) return fmt::format("{} min", seconds / 60);
  return fmt::format("{} s", seconds);
}

} // namespace

time_mark resumed(const std::optional<time_mark>& last, time_mark now) {
  now.steady_ms = last ? last->steady_ms : now.wall_ms;
  if (last && !now.boot.empty() && last->boot == now.boot && now.since_boot_ms > last->since_boot_ms)
    now.steady_ms += now.since_boot_ms - last->since_boot_ms;
  return now;
}

std::optional<std::string> clock_news(const time_mark& before, const time_mark& now) {
  auto apart = (now.wall_ms - before.wall_ms) - (now.steady_ms - before.steady_ms);
  if (std::llabs(apart) < milliseconds{least_jump}.count()) return {};
  auto text = fmt::format("this machine's clock says {}", to_rfc3339(now.wall_ms));
  constexpr auto nothing = "nothing is deleted, given up or tried again because of that";
  if (before.boot == now.boot)
    return fmt::format("{}, and was set {} by {}; {}", text, apart > 0 ? "forward" : "back",
                       length_text(apart), nothing);
  if (apart < 0)
    return fmt::format("{}, which is {} before this node ran last; {}", text, length_text(apart), nothing);
  return fmt::format("{}, {} after this node ran last: the machine was off, or its clock was set; {}", text,
                     length_text(apart), nothing);
}

steady_time::clocks steady_time::of_machine() {
  return [boot = read_boot_id()] {
    return time_mark{boot, milliseconds_of(CLOCK_BOOTTIME), milliseconds_of(CLOCK_REALTIME), 0};
  };
}

outcome<std::unique_ptr<steady_time>> steady_time::open(std::filesystem::path file, clocks read) {
  auto text = read_small_file(file);
  if (!text && text.error().code != errc::file_missing) return text.error();
  auto last = text ? mark_from(*text) : std::nullopt;
  auto begun = resumed(last, read());
  std::unique_ptr<steady_time> made{new steady_time(std::move(file), std::move(read), begun, last)};
  if (auto saved = made->save(); !saved) return saved.error();
  return made;
}

time_mark steady_time::now() const { return resumed(begun_, read_()); }

std::int64_t steady_time::now_ms() const { return now().steady_ms; }

std::optional<std::string> steady_time::news() {
  auto at = now();
  std::lock_guard guard{lock_};
  auto line = clock_news(told_, at);
  told_ = std::move(at);
  return line;
}

outcome<> steady_time::save() const {
  auto at = now();
  json shape{{"boot", at.boot},
             {"since_boot_ms", at.since_boot_ms},
             {"wall_ms", at.wall_ms},
             {"steady_ms", at.steady_ms}};
  return write_small_file(file_, to_line(shape) + "\n", 0600);
}

} // namespace hublink
