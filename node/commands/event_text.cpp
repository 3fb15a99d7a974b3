#include "node/commands/event_text.hpp"
#include "actors/ports/event_log.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

std::string names(const json& value) {
  if (value.is_string()) return text_of(value);
  std::string all;
  for (const auto& name : value) all += (all.empty() ? "" : ", ") + text_of(name);
  return all;
}

std::string told_text(const json& event) {
  auto line = "told by " + field_text(event, "from") + ":";
  if (field_text(event, "kind") != "transfer") line += " " + field_text(event, "kind");
  if (event.contains("file")) line += " " + field_text(event, "file");
  for (auto field : {"destination", "source", "only"})
    if (event.contains(field)) line += ", " + std::string(field) + " " + names(event[field]);
  if (event.contains("attempt"))
    line += fmt::format(", attempt {}", field_number(event, "attempt").value_or(1));
  return line;
}

std::string next_text(const json& event) {
  return fmt::format("next {}: {} at {}, by {}", field_text(event, "host"), field_text(event, "hop"),
                     field_text(event, "dialled"), field_text(event, "by"));
}

std::string opened_text(const json& event) { return "opened " + field_text(event, "hop"); }

std::string refused_text(const json& event) {
  return fmt::format("refused by {}: {}", field_text(event, "by"), field_text(event, "reason"));
}

std::string closed_text(const json& event) {
  return fmt::format("closed: {} bytes, {} back, {}", field_number(event, "bytes").value_or(0),
                     field_number(event, "bytes_back").value_or(0), field_text(event, "result"));
}

std::string received_text(const json& event) {
  return fmt::format("received {} from {}: {}, {} bytes", field_text(event, "file"),
                     field_text(event, "from"), field_text(event, "path"),
                     field_number(event, "bytes").value_or(0));
}

std::string sent_text(const json& event) {
  auto line = "sent " + field_text(event, "file") + ":";
  const auto& receivers = field_object(event, "receivers");
  for (const auto& [name, state] : receivers.items()) line += " " + name + " " + text_of(state);
  return line;
}

std::string job_text(const json& event) {
  return fmt::format("job {} of {}: {} {}", field_text(event, "job"), field_text(event, "file"),
                     field_text(event, "result"), field_text(event, "reason"));
}

std::string session_text(const json& event) {
  return fmt::format("{} of {} at {} {}", field_text(event, "event"), field_text(event, "user"),
                     field_text(event, "server"), field_text(event, "reason"));
}

std::string definition_text(const json& event) {
  return fmt::format("definition {} from {}: {} {}", field_number(event, "version").value_or(0),
                     field_text(event, "from"), field_text(event, "result"), field_text(event, "reason"));
}

std::string renewed_text(const json& event) {
  return fmt::format("certificate renewed, until {}", field_text(event, "until"));
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
    text_row{event::renewed::name, renewed_text},
};
static_assert(std::ranges::equal(event_rows, event::names, {}, &text_row::event));

} // namespace

std::string event_text(const json& event) {
  auto name = field_text(event, "event");
  if (auto row = std::ranges::find(event_rows, name, &text_row::event); row != event_rows.end())
    return row->text(event);
  if (name == "missed")
    return fmt::format("{} events{} missed", field_number(event, "missed").value_or(0),
                       field_flag(event, "clients") ? " of clients" : "");
  if (name == "followed") return "followed from now on";
  if (name == "unfollowed") return "nothing from it any more: " + field_text(event, "reason");
  return name;
}

} // namespace hublink
