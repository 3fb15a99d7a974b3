/// cancel, retry, hold, release: what an operator does with transfers that exist.
#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/transfer_choice.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct steer_options {
  std::string transfer, at, user, data;
  bool as_json = false;
};

void set_up_for_transfer(CLI::App& verb, int& exit) {
  auto options = std::make_shared<steer_options>();
  verb.add_option("ID", options->transfer, "a transfer, or the beginning of its id")->required();
  verb.add_flag("--json", options->as_json, "machine-readable");
  add_user_option(verb, options->user);
  add_data_option(verb, options->data);
  verb.callback([options, name = verb.get_name(), &exit] {
    control_call call;
    call.data = options->data;
    call.user = options->user;
    auto transfer = choose_transfer(call, options->transfer, exit);
    if (!transfer) return;
    exit = run_call(call, {{"verb", name}, {"transfer", *transfer}}, [&](const json& answer) {
      const auto& record = field_object(answer, "record");
      if (options->as_json)
        print_json(std::cout, record);
      else
        print(std::cout, "{} {}\n", field_text(record, "transfer"), field_text(record, "state"));
    });
  });
}

void set_up_for_node(CLI::App& verb, int& exit) {
  auto options = std::make_shared<steer_options>();
  verb.add_option("--at", options->at, "at a manager: which client")->type_name("CLIENT");
  add_user_option(verb, options->user);
  add_data_option(verb, options->data);
  verb.callback([options, name = verb.get_name(), &exit] {
    control_call call;
    call.data = options->data;
    call.user = options->user;
    exit = run_call(call, {{"verb", name}, {"at", options->at}}, [&](const json& answer) {
      print(std::cout, "{}\n", field_flag(answer, "held") ? "held" : "released");
    });
  });
}

} // namespace

void set_up_cancel(CLI::App& verb, int& exit) { set_up_for_transfer(verb, exit); }
void set_up_retry(CLI::App& verb, int& exit) { set_up_for_transfer(verb, exit); }
void set_up_hold(CLI::App& verb, int& exit) { set_up_for_node(verb, exit); }
void set_up_release(CLI::App& verb, int& exit) { set_up_for_node(verb, exit); }

} // namespace hublink
