/// trace: the story of one transfer, hop by hop.
#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/event_text.hpp"
#include "node/commands/transfer_choice.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <iostream>
#include <map>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

void show(const json& events) {
  std::map<std::string, double> last; ///< ms, of the node's event before
  for (const auto& event : events) {
    auto node = field_text(event, "node");
    auto at = field_amount(event, "since_ms");
    auto before = last.find(node);
    auto took = before == last.end() ? "" : fmt::format("  (+{:.3f} ms)", at - before->second);
    last[node] = at;
    print(std::cout, "{:>12.3f} ms  {:<16} {}{}\n", at, node, event_text(event), took);
  }
}

/// One that waits for its turn has no event yet, and of an old one they are removed. False: it is not known at
/// all.
bool show_without_events(const control_call& call, const std::string& transfer, bool as_json) {
  auto answer = call_node(call, {{"verb", "transfers"}, {"transfer", transfer}, {"limit", 1}});
  const auto& rows = answer ? field_list(*answer, "transfers") : json::array();
  if (rows.empty()) return false;
  const auto& row = rows.front();
  const bool ended = row.contains("ended");
  if (!as_json)
    print(std::cout, "{} {}: {}\n", transfer, field_text(row, "state"),
          ended ? "its events are not kept any more" : "nothing was done for it yet");
  return true;
}

void set_up_trace(CLI::App& verb, int& exit) {
  struct trace_options {
    std::string transfer, user, data;
    bool as_json = false;
  };
  auto options = std::make_shared<trace_options>();
  verb.add_option("ID", options->transfer, "a transfer, or the beginning of its id")->required();
  verb.add_flag("--json", options->as_json, "machine-readable");
  add_user_option(verb, options->user);
  add_data_option(verb, options->data);
  verb.callback([options, &exit] {
    control_call call;
    call.data = options->data;
    call.user = options->user;
    auto transfer = choose_transfer(call, options->transfer, exit);
    if (!transfer) return;
    bool none = false;
    exit = run_call(call, {{"verb", "trace"}, {"transfer", *transfer}}, [&](const json& answer) {
      none = field_list(answer, "trace").empty() && field_list(answer, "missing").empty();
      if (options->as_json)
        print_json(std::cout, field_list(answer, "trace"));
      else
        show(field_list(answer, "trace"));
    });
    if (exit != 0 || !none || show_without_events(call, *transfer, options->as_json)) return;
    print(std::cerr,
          "hublink: nothing is known here of a transfer {}; hublink transfers lists those that are\n",
          *transfer);
    exit = 1;
  });
}

constexpr std::array trace_examples{
    command_example{"hublink trace ID --data HOST1", "step by step"},
};

} // namespace

constinit const command_row trace_command{
    .name = "trace",
    .does = "what this node, or at a logged-in manager every node, was told and did for a transfer",
    .set_up = set_up_trace,
    .examples = trace_examples};

} // namespace hublink
