/// stored, deliver: what a server keeps for receivers that can't be had.
#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/name_list.hpp"
#include "node/commands/progress_line.hpp"
#include "node/commands/transfer_choice.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct store_options {
  std::string transfer, at, user, data;
  bool as_json = false;
};

void print_stored(const json& rows) {
  const auto server = node_column(rows);
  print(std::cout, "{}{:<32}  {:<12} {:<12} {:<20} {:>9}  {:<28} {}\n", server("SERVER"), "TRANSFER", "FILE",
        "FROM", "WAITING", "SIZE", "UNTIL", "STORE");
  for (const auto& row : rows)
    print(std::cout, "{}{:<32}  {:<12} {:<12} {:<20} {:>9}  {:<28} {}\n", server(field_text(row, "node")),
          field_text(row, "transfer"), field_text(row, "file"), field_text(row, "from"),
          with_commas(field_list(row, "waiting")), human_bytes(field_amount(row, "size")),
          field_text(row, "until"),
          field_text(row, "store") + (field_flag(row, "held_back") ? ", held back" : ""));
}

void print_delivered(const json& row) {
  print(std::cout, "{} to {}\n", field_text(row, "transfer"), with_commas(field_list(row, "waiting")));
}

void add_common(CLI::App& verb, store_options& options) {
  verb.add_option("--at", options.at, "at a manager: which server")->type_name("SERVER");
  verb.add_flag("--json", options.as_json, "machine-readable");
  add_user_option(verb, options.user);
  add_data_option(verb, options.data);
}

int ask_store(const store_options& options, json request, void (*print)(const json&)) {
  control_call call;
  call.data = options.data;
  call.user = options.user;
  request["at"] = options.at;
  return run_call(call, request, [&](const json& answer) {
    static const json nothing;
    auto* found = find_field(answer, "stored");
    const auto& stored = found ? *found : nothing;
    if (options.as_json)
      print_json(std::cout, stored);
    else
      print(stored);
  });
}

void set_up_stored(CLI::App& verb, int& exit) {
  auto options = std::make_shared<store_options>();
  add_common(verb, *options);
  verb.callback([options, &exit] { exit = ask_store(*options, {{"verb", "stored"}}, print_stored); });
}

void set_up_deliver(CLI::App& verb, int& exit) {
  auto options = std::make_shared<store_options>();
  verb.add_option("ID", options->transfer, "a transfer, as stored names it")->required();
  add_common(verb, *options);
  verb.callback([options, &exit] {
    control_call call;
    call.data = options->data;
    call.user = options->user;
    bool elsewhere = !options->at.empty(); // that store lists what it has
    auto transfer = elsewhere ? std::optional{options->transfer}
                              : choose_transfer(call, options->transfer, exit, "stored");
    if (transfer) exit = ask_store(*options, {{"verb", "deliver"}, {"transfer", *transfer}}, print_delivered);
  });
}

constexpr std::array stored_examples{
    command_example{"hublink stored --data ServerC", "what waits for its receivers"},
};

constexpr std::array deliver_examples{
    command_example{"hublink deliver ID --data ServerC", "now"},
};

} // namespace

constinit const command_row stored_command{.name = "stored",
                                           .does = "what this server keeps for receivers that can't be had",
                                           .set_up = set_up_stored,
                                           .examples = stored_examples};

constinit const command_row deliver_command{
    .name = "deliver",
    .does = "deliver a stored transfer now: also what is only stored, and before the next try is due",
    .set_up = set_up_deliver,
    .examples = deliver_examples};

} // namespace hublink
