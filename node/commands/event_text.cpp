#include "node/commands/event_text.hpp"
#include "actors/ports/event_log.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

std::string names(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  std::string all;
  for (const auto& name : value) all += (all.empty() ? "" : ", ") + name.get<std::string>();
  return all;
}

std::string told_text(const json& event) {
  auto line = "told by " + event.value("from", "") + ":";
  if (event.value("kind", "") != "transfer") line += " " + event.value("kind", "");
  if (event.contains("file")) line += " " + event.value("file", "");
  for (auto field : {"destination", "source", "only"})
    if (event.contains(field)) line += ", " + std::string(field) + " " + names(event[field]);
  if (event.contains("attempt")) line += fmt::format(", attempt {}", event.value("attempt", 1));
  return line;
}

std::string next_text(const json& event) {
  return fmt::format("next {}: {} at {}, by {}", event.value("host", ""), event.value("hop", ""),
                     event.value("dialled", ""), event.value("by", ""));
}

std::string opened_text(const json& event) { return "opened " + event.value("hop", ""); }

std::string refused_text(const json& event) {
  return fmt::format("refused by {}: {}", event.value("by", ""), event.value("reason", ""));
}

std::string closed_text(const json& event) {
  return fmt::format("closed: {} bytes, {} back, {}", event.value("bytes", 0ull),
                     event.value("bytes_back", 0ull), event.value("result", ""));
}

std::string received_text(const json& event) {
  return fmt::format("received {} from {}: {}, {} bytes", event.value("file", ""), event.value("from", ""),
                     event.value("path", ""), event.value("bytes", 0ull));
}

std::string sent_text(const json& event) {
  auto line = "sent " + event.value("file", "") + ":";
  const auto receivers = event.value("receivers", json::object());
  for (const auto& [name, state] : receivers.items()) line += " " + name + " " + state.get<std::string>();
  return line;
}

std::string job_text(const json& event) {
  return fmt::format("job {} of {}: {} {}", event.value("job", ""), event.value("file", ""),
                     event.value("result", ""), event.value("reason", ""));
}

std::string session_text(const json& event) {
  return fmt::format("{} of {} at {} {}", event.value("event", ""), event.value("user", ""),
                     event.value("server", ""), event.value("reason", ""));
}

std::string definition_text(const json& event) {
  return fmt::format("definition {} from {}: {} {}", event.value("version", std::uint64_t(0)),
                     event.value("from", ""), event.value("result", ""), event.value("reason", ""));
}

struct text_row {
  std::string_view event;
  std::string (*text)(const json& event);
};

/// In the order of `event::any`.
constexpr std::array event_rows{
    text_row{event::told::name, told_text},
    text_row{event::next::name, next_text},
    text_row{event::opened::name, opened_text},
    text_row{event::refused::name, refused_text},
    text_row{event::closed::name, closed_text},
    text_row{event::received::name, received_text},
    text_row{event::sent::name, sent_text},
    text_row{event::job::name, job_text},
    text_row{event::login::name, session_text},
    text_row{event::logout::name, session_text},
    text_row{event::session_lost::name, session_text},
    text_row{event::definition::name, definition_text},
};
static_assert(std::ranges::equal(event_rows, event::names, {}, &text_row::event));

} // namespace

std::string event_text(const json& event) {
  auto name = event.value("event", "");
  if (auto row = std::ranges::find(event_rows, name, &text_row::event); row != event_rows.end())
    return row->text(event);
  if (name == "missed")
    return fmt::format("{} events{} missed", event.value("missed", std::uint64_t(0)),
                       event.value("clients", false) ? " of clients" : "");
  if (name == "followed") return "followed from now on";
  if (name == "unfollowed") return "nothing from it any more: " + event.value("reason", "");
  return name;
}

} // namespace hublink
