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

void add_common(CLI::App& verb, store_options& options) {
  verb.add_option("--at", options.at, "at a manager: which server")->type_name("SERVER");
  verb.add_flag("--json", options.as_json, "machine-readable");
  add_data_option(verb, options.data);
}

} // namespace

void add_store(CLI::App& app, int& exit) {
  auto listing = std::make_shared<store_options>();
  auto* stored = app.add_subcommand("stored", "what this server keeps for receivers that can't be had");
  add_common(*stored, *listing);
  stored->callback([listing, &exit] {
    control_call call;
    call.data = listing->data;
    exit = run_call(call, {{"verb", "stored"}, {"at", listing->at}}, [&](const json& answer) {
      const auto& rows = answer.at("stored");
      if (listing->as_json)
        std::cout << rows.dump(2) << "\n";
      else
        print_stored(rows);
    });
  });

  auto options = std::make_shared<store_options>();
  auto* deliver = app.add_subcommand(
      "deliver", "deliver a stored transfer now: also what is only stored, and before the next try is due");
  deliver->add_option("ID", options->transfer, "a transfer, as stored names it")->required();
  add_common(*deliver, *options);
  deliver->callback([options, &exit] {
    control_call call;
    call.data = options->data;
    json request{{"verb", "deliver"}, {"transfer", options->transfer}, {"at", options->at}};
    exit = run_call(call, request, [&](const json& answer) {
      const auto& row = answer.at("stored");
      if (options->as_json)
        std::cout << row.dump(2) << "\n";
      else
        std::cout << row.at("transfer").get<std::string>() << " to " << names_text(row.at("waiting")) << "\n";
    });
  });
}

} // namespace hublink
