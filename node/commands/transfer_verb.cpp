#include "node/commands/transfer_verb.hpp"
#include "node/base/printing.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/progress_line.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

void add_transfer_options(CLI::App& verb, transfer_call& call) {
  verb.add_flag("--wait", call.wait, "until the receiver has confirmed it");
  verb.add_option("--timeout", call.timeout, "with --wait: give up waiting (exit 3); the transfer goes on")
      ->type_name("SECONDS")
      ->check(CLI::PositiveNumber);
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
    }
    if (call.wait) progress.show(record);
  };
  control_call talk;
  talk.data = call.data;
  talk.user = call.user;
  talk.on_line = show;
  if (call.timeout) talk.timeout = std::chrono::milliseconds{std::int64_t(*call.timeout * 1000)};
  return run_call(talk, request, show);
}

} // namespace hublink
