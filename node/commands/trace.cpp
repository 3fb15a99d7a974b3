/// trace: the story of one transfer, hop by hop.
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <iostream>
#include <map>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

std::string names(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  std::string all;
  for (const auto& one : value) all += (all.empty() ? "" : ", ") + one.get<std::string>();
  return all;
}

std::string told(const json& event) {
  auto line = "told by " + event.value("from", "") + ":";
  if (event.value("kind", "") != "transfer") line += " " + event.value("kind", "");
  if (event.contains("file")) line += " " + event.value("file", "");
  for (auto field : {"destination", "source", "only"})
    if (event.contains(field)) line += ", " + std::string(field) + " " + names(event[field]);
  if (event.contains("attempt")) line += fmt::format(", attempt {}", event.value("attempt", 1));
  return line;
}

std::string text_of(const json& event) {
  auto kind = event.value("event", "");
  if (kind == "told") return told(event);
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
  return kind;
}

void show(const json& events) {
  std::map<std::string, double> last; ///< ms, of the node's event before
  for (const auto& event : events) {
    auto node = event.value("node", "");
    auto at = event.value("since_ms", 0.0);
    auto before = last.find(node);
    auto took = before == last.end() ? "" : fmt::format("  (+{:.3f} ms)", at - before->second);
    last[node] = at;
    std::cout << fmt::format("{:>12.3f} ms  {:<16} {}{}\n", at, node, text_of(event), took);
  }
}

} // namespace

void add_trace(CLI::App& app, int& exit) {
  struct trace_options {
    std::string transfer, data;
    bool as_json = false;
  };
  auto options = std::make_shared<trace_options>();
  auto* verb = app.add_subcommand(
      "trace", "what this node, or at a logged-in manager every node, was told and did for a transfer");
  verb->add_option("ID", options->transfer, "a transfer, as send, transfers and history name it")->required();
  verb->add_flag("--json", options->as_json, "machine-readable");
  add_data_option(*verb, options->data);
  verb->callback([options, &exit] {
    control_call call;
    call.data = options->data;
    exit = run_call(call, {{"verb", "trace"}, {"transfer", options->transfer}}, [&](const json& answer) {
      if (options->as_json)
        std::cout << answer.at("trace").dump(2) << "\n";
      else
        show(answer.at("trace"));
    });
  });
}

} // namespace hublink
