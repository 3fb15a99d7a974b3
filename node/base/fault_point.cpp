#include "node/base/fault_point.hpp"
#include "actors/ports/event_log.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <thread>

namespace hublink::fault_point {
namespace {

using namespace std::string_view_literals;

constexpr std::array instructions{
    // receiver
    "after-admit"sv, "before-checkpoint"sv, "after-checkpoint"sv, "before-publishing"sv, "after-publishing"sv,
    "before-rename"sv, "after-rename"sv, "before-commit"sv, "after-commit"sv, "before-receipt"sv,
    "after-receipt"sv,
    // sender
    "after-enqueue"sv, "before-attempt"sv, "after-attempt"sv, "after-open"sv, "sent-bytes"sv,
    "before-all-sent"sv, "after-all-sent"sv, "before-done"sv, "after-done"sv,
    // either end: journal, how a job ended
    "after-report"sv,
    // any node: a definition or list
    "before-definition"sv, "before-replace"sv, "after-definition"sv,
    // hub
    "carried-bytes"sv, "before-spool"sv, "after-spool"sv, "before-spool-checkpoint"sv,
    "after-spool-checkpoint"sv, "before-spooled"sv, "after-spooled"sv, "before-word"sv, "after-word"sv,
    "before-spool-drop"sv, "after-spool-drop"sv};

// Any node: the event was written.
constexpr auto all_points = [] {
  std::array<std::string_view, instructions.size() + event::names.size()> all;
  std::ranges::copy(event::names, std::ranges::copy(instructions, all.begin()).out);
  return all;
}();

std::optional<fault> armed; // written before there are threads
std::atomic<std::uint64_t> times = 0;

failure wrong(std::string_view text, const std::string& why) {
  return {errc::bad_config, {}, "HUBLINK_FAULT=" + std::string(text) + ": " + why};
}

std::string list_of_points() {
  std::string list;
  for (auto point : all_points) list += (list.empty() ? "" : ", ") + std::string(point);
  return list;
}

std::optional<std::uint64_t> to_number(std::string_view digits) {
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number == 0) return {};
  return number;
}

void strike() {
  switch (armed->what) {
  case action::kill: // to the calling thread, so that it does not run on for a while
    std::raise(SIGKILL);
    break;
  case action::stop:
    std::raise(SIGSTOP);
    break;
  case action::hang:
    while (true) std::this_thread::sleep_for(std::chrono::hours{1});
  case action::fall:
    throw std::runtime_error{"fault at " + armed->point};
  }
}

} // namespace

std::span<const std::string_view> points() { return all_points; }

outcome<fault> parse(std::string_view text) {
  fault result;
  auto rest = text;
  if (auto equals = rest.find('='); equals != rest.npos) {
    auto what = rest.substr(equals + 1);
    auto known = std::find(actions.begin(), actions.end(), what);
    if (known == actions.end()) return wrong(text, "after = comes kill, stop, hang or throw");
    result.what = static_cast<action>(known - actions.begin());
    rest = rest.substr(0, equals);
  }
  auto colon = rest.find(':');
  result.point = rest.substr(0, colon);
  if (std::find(all_points.begin(), all_points.end(), result.point) == all_points.end())
    return wrong(text, "no such point; there are " + list_of_points());
  if (colon == rest.npos) {
    if (result.point.ends_with("-bytes")) return wrong(text, "write " + result.point + ":N, N bytes");
    return result;
  }
  auto number = to_number(rest.substr(colon + 1));
  if (!number) return wrong(text, "after : comes a number, 1 or more");
  result.at = *number;
  return result;
}

outcome<> arm(const char* text) {
  if (!text) return {};
  auto wanted = parse(text);
  if (!wanted) return wanted.error();
  armed = std::move(*wanted);
  return {};
}

void reach(std::string_view point) {
  if (armed && point == armed->point && ++times == armed->at) strike();
}

void reach(std::string_view point, std::uint64_t bytes) {
  if (armed && point == armed->point && bytes >= armed->at && times++ == 0) strike();
}

} // namespace hublink::fault_point
