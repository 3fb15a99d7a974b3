#include "node/commands/transfer_verb.hpp"
#include "node/base/printing.hpp"
#include "node/base/time_text.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/progress_line.hpp"
#include "node/commands/transfer_choice.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <iostream>
#include <unistd.h>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

/// What is said when Ctrl-C ends the waiting; made before, for a signal's handler may not.
std::string last_words;

void end_waiting(int number) {
  [[maybe_unused]] auto written = ::write(STDERR_FILENO, last_words.data(), last_words.size());
  std::signal(number, SIG_DFL);
  std::raise(number);
}

void say_at_interrupt(const std::string& transfer, const std::string& data) {
  auto part = short_id(transfer);
  last_words = shown_line(
      "\nthe transfer goes on; hublink transfers --data {} shows it, hublink cancel {} --data {} ends it\n",
      data, part, data);
  std::signal(SIGINT, end_waiting);
}

} // namespace

void add_transfer_options(CLI::App& verb, transfer_call& call) {
  verb.add_flag("--wait", call.wait, "until the receiver has confirmed it");
  verb.add_option("--timeout", call.timeout,
                  "with --wait: give up waiting after 10s, 10m, 2h (exit 3); the transfer goes on")
      ->type_name("SPAN")
      ->check([](const std::string& text) {
        auto span = parse_span(text);
        return span ? std::string{} : span.error().text;
      });
  add_user_option(verb, call.user);
  add_data_option(verb, call.data);
}

int run_transfer_call(const transfer_call& call, const json& request) {
  progress_line progress{std::cerr};
  bool named = false;
  auto show = [&](const json& line) {
    const auto& record = field_object(line, "record");
    if (!std::exchange(named, true)) {
      print(std::cout, "{}\n", field_text(record, "transfer"));
      std::cout.flush();
      if (call.wait) say_at_interrupt(field_text(record, "transfer"), call.data);
    }
    if (call.wait) progress.show(record);
  };
  control_call talk;
  talk.data = call.data;
  talk.user = call.user;
  talk.on_line = show;
  if (auto span = parse_span(call.timeout)) talk.timeout = *span;
  return run_call(talk, request, show);
}

} // namespace hublink
