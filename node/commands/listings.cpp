#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/progress_line.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct listing_options {
  std::string data, file;
  std::uint32_t limit = 1000;
  bool as_json = false;
};

void print_transfers(const json& transfers) {
  std::cout << fmt::format("{:<32}  {:<12} {:<12} {:<20} {:<11} {:>9}  {}\n", "TRANSFER", "FILE", "FROM",
                           "TO", "STATE", "SIZE", "REASON");
  for (const auto& one : transfers) {
    std::string to;
    for (const auto& [name, state] : one.at("to").items()) to += (to.empty() ? "" : ",") + name;
    std::cout << fmt::format("{:<32}  {:<12} {:<12} {:<20} {:<11} {:>9}  {}\n", one.value("transfer", ""),
                             one.value("file", ""), one.value("from", ""), to, one.value("state", ""),
                             human_bytes(one.value("size", 0.0)), one.value("reason", ""));
  }
}

void add_listing(CLI::App& app, int& exit, const std::string& name, const std::string& help) {
  auto options = std::make_shared<listing_options>();
  auto* verb = app.add_subcommand(name, help);
  verb->add_option("--file", options->file, "only this file ID");
  verb->add_option("--limit", options->limit, "at most so many, newest first")->capture_default_str();
  verb->add_flag("--json", options->as_json, "machine-readable");
  add_data_option(*verb, options->data);
  verb->callback([options, name, &exit] {
    control_call call;
    call.data = options->data;
    json request{{"verb", name}, {"file", options->file}, {"limit", options->limit}};
    exit = run_call(call, request, [&](const json& answer) {
      if (options->as_json)
        std::cout << answer.at("transfers").dump(2) << "\n";
      else
        print_transfers(answer.at("transfers"));
    });
  });
}

} // namespace

void add_transfers(CLI::App& app, int& exit) {
  add_listing(app, exit, "transfers",
              "transfers of this node, or at a logged-in manager of the network; running ones included");
}

void add_history(CLI::App& app, int& exit) {
  add_listing(app, exit, "history", "transfers that have ended, with their reasons");
}

} // namespace hublink
