/// cancel, retry, hold, release: what an operator does with transfers that exist.
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct steer_options {
  std::string transfer, at, data;
  bool as_json = false;
};

void add_for_transfer(CLI::App& app, int& exit, const std::string& name, const std::string& does) {
  auto options = std::make_shared<steer_options>();
  auto* verb = app.add_subcommand(name, does);
  verb->add_option("ID", options->transfer, "a transfer, as send, transfers and history name it")->required();
  verb->add_flag("--json", options->as_json, "machine-readable");
  add_data_option(*verb, options->data);
  verb->callback([options, name, &exit] {
    control_call call;
    call.data = options->data;
    exit = run_call(call, {{"verb", name}, {"transfer", options->transfer}}, [&](const json& answer) {
      const auto& record = answer.at("record");
      if (options->as_json)
        std::cout << record.dump(2) << "\n";
      else
        std::cout << record.at("transfer").get<std::string>() << " " << record.at("state").get<std::string>()
                  << "\n";
    });
  });
}

void add_for_node(CLI::App& app, int& exit, const std::string& name, const std::string& does) {
  auto options = std::make_shared<steer_options>();
  auto* verb = app.add_subcommand(name, does);
  verb->add_option("--at", options->at, "at a manager: which client")->type_name("CLIENT");
  add_data_option(*verb, options->data);
  verb->callback([options, name, &exit] {
    control_call call;
    call.data = options->data;
    exit = run_call(call, {{"verb", name}, {"at", options->at}}, [&](const json& answer) {
      std::cout << (answer.at("held").get<bool>() ? "held" : "released") << "\n";
    });
  });
}

} // namespace

void add_steering(CLI::App& app, int& exit) {
  add_for_transfer(app, exit, "cancel",
                   "end a transfer, at its sender or its receiver; one that is published stays done");
  add_for_transfer(app, exit, "retry",
                   "try a failed or unconfirmed transfer again, from what its receiver has");
  add_for_node(app, exit, "hold",
               "start no more transfers at this node until it is released, also after a restart");
  add_for_node(app, exit, "release", "start transfers again");
}

} // namespace hublink
