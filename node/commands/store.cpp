/// stored, deliver: what a server keeps for receivers that can't be had.
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/progress_line.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct store_options {
  std::string transfer, at, data;
  bool as_json = false;
};

std::string names_text(const json& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ",") + name.get<std::string>();
  return text;
}

void print_stored(const json& rows) {
  std::cout << fmt::format("{:<32}  {:<12} {:<12} {:<20} {:>9}  {:<28} {}\n", "TRANSFER", "FILE", "FROM",
                           "WAITING", "SIZE", "UNTIL", "STORE");
  for (const auto& row : rows)
    std::cout << fmt::format("{:<32}  {:<12} {:<12} {:<20} {:>9}  {:<28} {}\n", row.value("transfer", ""),
                             row.value("file", ""), row.value("from", ""), names_text(row.at("waiting")),
                             human_bytes(row.value("size", 0.0)), row.value("until", ""),
                             row.value("store", "") + (row.value("held_back", false) ? ", held back" : ""));
}

void print_delivered(const json& row) {
  std::cout << row.at("transfer").get<std::string>() << " to " << names_text(row.at("waiting")) << "\n";
}

void add_common(CLI::App& verb, store_options& options) {
  verb.add_option("--at", options.at, "at a manager: which server")->type_name("SERVER");
  verb.add_flag("--json", options.as_json, "machine-readable");
  add_data_option(verb, options.data);
}

int ask_store(const store_options& options, json request, void (*print)(const json&)) {
  control_call call;
  call.data = options.data;
  request["at"] = options.at;
  return run_call(call, request, [&](const json& answer) {
    const auto& stored = answer.at("stored");
    if (options.as_json)
      std::cout << stored.dump(2) << "\n";
    else
      print(stored);
  });
}

} // namespace

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
    exit = ask_store(*options, {{"verb", "deliver"}, {"transfer", options->transfer}}, print_delivered);
  });
}

} // namespace hublink
