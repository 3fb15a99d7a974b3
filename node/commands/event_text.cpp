#include "node/commands/event_text.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

std::string names(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  std::string all;
  for (const auto& one : value) all += (all.empty() ? "" : ", ") + one.get<std::string>();
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

} // namespace

std::string event_text(const json& event) {
  auto kind = event.value("event", "");
  if (kind == "told") return told_text(event);
  if (kind == "next")
    return fmt::format("next {}: {} at {}, by {}", event.value("host", ""), event.value("hop", ""),
                       event.value("dialled", ""), event.value("by", ""));
  if (kind == "opened") return "opened " + event.value("hop", "");
  if (kind == "refused")
    return fmt::format("refused by {}: {}", event.value("by", ""), event.value("reason", ""));
  if (kind == "closed")
    return fmt::format("closed: {} bytes, {} back, {}", event.value("bytes", 0ull),
                       event.value("bytes_back", 0ull), event.value("result", ""));
  if (kind == "received")
    return fmt::format("received {} from {}: {}, {} bytes", event.value("file", ""), event.value("from", ""),
                       event.value("path", ""), event.value("bytes", 0ull));
  if (kind == "sent") {
    auto line = "sent " + event.value("file", "") + ":";
    const auto receivers = event.value("receivers", json::object());
    for (const auto& [name, state] : receivers.items()) line += " " + name + " " + state.get<std::string>();
    return line;
  }
  if (kind == "job")
    return fmt::format("job {} of {}: {} {}", event.value("job", ""), event.value("file", ""),
                       event.value("result", ""), event.value("reason", ""));
  if (kind == "definition")
    return fmt::format("definition {} from {}: {} {}", event.value("version", std::uint64_t(0)),
                       event.value("from", ""), event.value("result", ""), event.value("reason", ""));
  if (event.contains("server"))
    return fmt::format("{} of {} at {} {}", kind, event.value("user", ""), event.value("server", ""),
                       event.value("reason", ""));
  if (kind == "missed")
    return fmt::format("{} events{} missed", event.value("missed", std::uint64_t(0)),
                       event.value("clients", false) ? " of clients" : "");
  if (kind == "followed") return "followed from now on";
  if (kind == "unfollowed") return "nothing from it any more: " + event.value("reason", "");
  return kind;
}

} // namespace hublink
