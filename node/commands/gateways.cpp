#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/progress_line.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct gateway_options {
  std::string data;
  bool as_json = false, closed = false;
};

void print_gateways(const json& report) {
  if (!report.value("enabled", false)) std::cout << "the proxy function is off here\n";
  for (const auto& one : report.at("gateways"))
    std::cout << fmt::format("{:<12} {:<6} {} -> {}: {} -> {}, {}, {} streams{}\n", one.value("name", ""),
                             one.value("protocol", ""), one.value("calling", ""), one.value("called", "any"),
                             one.value("listen", ""), one.value("deliver", "what is asked for"),
                             one.value("state", ""), one.value("streams", 0),
                             one.contains("reason") ? ": " + one.value("reason", "") : "");
  for (const auto& link : report.at("links"))
    std::cout << fmt::format("link to {}: {} since {}, {} streams, {} out, {} in\n", link.value("peer", "?"),
                             link.value("state", ""), link.value("since", ""), link.value("streams", 0),
                             human_bytes(link.value("bytes_out", 0.0)),
                             human_bytes(link.value("bytes_in", 0.0)));
  for (const auto& [reason, count] : report.at("refused").items())
    std::cout << fmt::format("refused or dropped, {}: {}\n", reason, count.get<std::uint64_t>());
}

void print_streams(const json& streams) {
  std::cout << fmt::format("{:>7}  {:<12} {:<10} {:<4} {:<22} {:<22} {:<8} {:>9} {:>9}  {}\n", "STREAM",
                           "GATEWAY", "PEER", "", "FROM", "TO", "STATE", "BYTES", "BACK", "OPENED");
  for (const auto& one : streams)
    std::cout << fmt::format("{:>7}  {:<12} {:<10} {:<4} {:<22} {:<22} {:<8} {:>9} {:>9}  {}  {}\n",
                             one.value("number", 0), one.value("gateway", ""), one.value("peer", ""),
                             one.value("protocol", ""), one.value("from", ""), one.value("to", ""),
                             one.value("result", one.value("state", "")),
                             human_bytes(one.value("bytes", 0.0)), human_bytes(one.value("bytes_back", 0.0)),
                             one.value("opened", ""), one.value("reason", ""));
}

CLI::App* add_verb(CLI::App& app, const std::string& name, const std::string& help,
                   const std::shared_ptr<gateway_options>& options, int& exit, void (*print)(const json&)) {
  auto* verb = app.add_subcommand(name, help);
  verb->add_flag("--json", options->as_json, "machine-readable");
  add_data_option(*verb, options->data);
  verb->callback([options, name, print, &exit] {
    control_call call;
    call.data = options->data;
    exit = run_call(call, {{"verb", name}, {"closed", options->closed}}, [&](const json& answer) {
      const auto& report = answer.at(name);
      if (options->as_json)
        std::cout << report.dump(2) << "\n";
      else
        print(report);
    });
  });
  return verb;
}

} // namespace

void add_gateways(CLI::App& app, int& exit) {
  add_verb(app, "gateways", "the applications that this server carries, and its links to other gateways",
           std::make_shared<gateway_options>(), exit, print_gateways);
}

void add_streams(CLI::App& app, int& exit) {
  auto options = std::make_shared<gateway_options>();
  auto* verb =
      add_verb(app, "streams", "what the gateways carry now, newest first", options, exit, print_streams);
  verb->add_flag("--closed", options->closed, "those that ended lately instead, with their reasons");
}

} // namespace hublink
