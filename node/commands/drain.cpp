/// drain: a node ends without breaking what is under way.
#include "node/base/printing.hpp"
#include "node/base/time_text.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

constexpr int time_was_up = 3;

struct drain_options {
  std::string longest = "10m", data;
  bool as_json = false;
};

int show_drained(const json& drained, bool as_json) {
  const auto left = field_number(drained, "left").value_or(0);
  if (as_json)
    print_json(std::cout, drained);
  else if (left == 0)
    print(std::cout, "nothing is under way any more; the node ends\n");
  else
    print(std::cout,
          "{} still under way; the node ends all the same, and transfers go on after its next start\n", left);
  return left == 0 ? 0 : time_was_up;
}

void set_up_drain(CLI::App& verb, int& exit) {
  auto options = std::make_shared<drain_options>();
  verb.add_option("--for", options->longest, "ends after 10s, 10m, 2h, whatever is under way (exit 3)")
      ->type_name("SPAN")
      ->capture_default_str()
      ->check([](const std::string& text) {
        auto span = parse_span(text);
        return span ? std::string{} : span.error().text;
      });
  verb.add_flag("--json", options->as_json, "machine-readable");
  add_data_option(verb, options->data);
  verb.callback([options, &exit] {
    control_call call;
    call.data = options->data;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*parse_span(options->longest));
    int left = 0;
    exit = run_call(call, {{"verb", "drain"}, {"for_s", seconds.count()}}, [&](const json& answer) {
      left = show_drained(field_object(answer, "drained"), options->as_json);
    });
    if (exit == 0) exit = left;
  });
}

constexpr std::array drain_examples{
    command_example{"hublink drain --for 10m --data ServerB",
                    "before its machine is stopped: what is under way ends first"},
};

} // namespace

constinit const command_row drain_command{
    .name = "drain",
    .does = "let a node end when nothing is under way in it: it takes nothing new from now on",
    .set_up = set_up_drain,
    .examples = drain_examples};

} // namespace hublink
