/// events: what nodes write down as it happens.
#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/event_text.hpp"
#include "node/commands/terminal.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <cstdlib>
#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct events_options {
  std::string transfer, host, user, data;
  bool follow = false, as_json = false;
};

void show(const json& event, bool as_json) {
  if (as_json)
    print_json(std::cout, event, -1);
  else
    print(std::cout, "{:<27} {:<16} {}  {}\n", shown_time(terminal::of_output(), field_text(event, "time")),
          field_text(event, "node"), event_text(event), field_text(event, "transfer"));
}

void introduce(const json& line) {
  std::string nodes;
  for (const auto& node : field_list(line, "nodes")) nodes += (nodes.empty() ? "" : ", ") + text_of(node);
  print(std::cerr, "hublink: following {}\n", nodes);
  std::cerr.flush();
}

void set_up_events(CLI::App& verb, int& exit) {
  auto options = std::make_shared<events_options>();
  verb.add_flag("--follow", options->follow, "from now on, as it happens, until interrupted");
  verb.add_option("--id", options->transfer, "only of that transfer");
  verb.add_option("--host", options->host, "only what that node writes");
  verb.add_flag("--json", options->as_json, "one JSON object a line, as in events.jsonl");
  add_user_option(verb, options->user);
  add_data_option(verb, options->data);
  verb.callback([options, &exit] {
    control_call call;
    call.data = options->data;
    call.user = options->user;
    call.on_line = [options](const json& line) {
      if (line.contains("nodes")) {
        if (options->follow) introduce(line);
        return warn_of_missing(line);
      }
      for (const auto& event : field_list(line, "events")) show(event, options->as_json);
      if (!std::cout.flush()) std::exit(0); // whoever read it has seen enough
    };
    json request{{"verb", "feed"},
                 {"follow", options->follow},
                 {"transfer", options->transfer},
                 {"host", options->host}};
    exit = run_call(call, request, [](const json&) {});
  });
}

constexpr std::array events_examples{
    command_example{"hublink events --follow --data HOST1", "as they happen"},
};

} // namespace

constinit const command_row events_command{
    .name = "events",
    .does = "what this node, or at a logged-in manager every server and client, wrote down lately; or writes "
            "from now on",
    .set_up = set_up_events,
    .examples = events_examples};

} // namespace hublink
