#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/progress_line.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct send_options {
  std::string file, data;
  bool wait = false;
  std::optional<double> timeout;
};

int send(const send_options& options) {
  progress_line progress{std::cerr};
  bool named = false;
  auto show = [&](const json& line) {
    const auto& record = line.at("record");
    if (!std::exchange(named, true)) std::cout << record.at("transfer").get<std::string>() << std::endl;
    if (options.wait) progress.show(record);
  };
  control_call call;
  call.data = options.data;
  call.on_line = show;
  if (options.timeout) call.timeout = std::chrono::milliseconds{std::int64_t(*options.timeout * 1000)};
  return run_call(call, {{"verb", "send"}, {"file", options.file}, {"wait", options.wait}}, show);
}

} // namespace

void add_send(CLI::App& app, int& exit) {
  auto options = std::make_shared<send_options>();
  auto* verb =
      app.add_subcommand("send", "send a file by this client's own definition; prints the transfer's id");
  verb->add_option("FILE", options->file, "file ID, as the topology names it")->required();
  verb->add_flag("--wait", options->wait, "until the receiver has confirmed it");
  verb->add_option("--timeout", options->timeout,
                   "with --wait: give up waiting (exit 3); the transfer goes on")
      ->type_name("SECONDS")
      ->check(CLI::PositiveNumber);
  add_data_option(*verb, options->data);
  verb->callback([options, &exit] { exit = send(*options); });
}

} // namespace hublink
