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

void set_up_cancel(CLI::App& verb, int& exit) { set_up_for_transfer(verb, exit); }
void set_up_retry(CLI::App& verb, int& exit) { set_up_for_transfer(verb, exit); }
void set_up_hold(CLI::App& verb, int& exit) { set_up_for_node(verb, exit); }
void set_up_release(CLI::App& verb, int& exit) { set_up_for_node(verb, exit); }

constexpr std::array cancel_examples{
    command_example{"hublink cancel ID --data HOST1", "at its sender or its receiver"},
};

constexpr std::array retry_examples{
    command_example{"hublink retry ID --data HOST1", "goes on from what the receiver has"},
};

constexpr std::array hold_examples{
    command_example{"hublink hold --data HOST1", "nothing new starts"},
};

constexpr std::array release_examples{
    command_example{"hublink release --data HOST1", "goes on"},
};

} // namespace

constinit const command_row cancel_command{
    .name = "cancel",
    .does = "end a transfer, at its sender or its receiver; one that is published stays done",
    .set_up = set_up_cancel,
    .examples = cancel_examples};

constinit const command_row retry_command{
    .name = "retry",
    .does = "try a failed or unconfirmed transfer again, from what its receiver has",
    .set_up = set_up_retry,
    .examples = retry_examples};

constinit const command_row hold_command{
    .name = "hold",
    .does = "start no more transfers at this node until it is released, also after a restart",
    .set_up = set_up_hold,
    .examples = hold_examples};

constinit const command_row release_command{.name = "release",
                                            .does = "start transfers again",
                                            .set_up = set_up_release,
                                            .examples = release_examples};

} // namespace hublink
