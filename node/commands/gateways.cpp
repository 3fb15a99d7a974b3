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
  for (const auto& row : report.at("gateways"))
    std::cout << fmt::format("{:<12} {:<6} {} -> {}: {} -> {}, {}, {} streams{}\n", row.value("name", ""),
                             row.value("protocol", ""), row.value("calling", ""), row.value("called", "any"),
                             row.value("listen", ""), row.value("deliver", "what is asked for"),
                             row.value("state", ""), row.value("streams", 0),
                             row.contains("reason") ? ": " + row.value("reason", "") : "");
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
  for (const auto& row : streams)
    std::cout << fmt::format("{:>7}  {:<12} {:<10} {:<4} {:<22} {:<22} {:<8} {:>9} {:>9}  {}  {}\n",
                             row.value("number", 0), row.value("gateway", ""), row.value("peer", ""),
                             row.value("protocol", ""), row.value("from", ""), row.value("to", ""),
                             row.value("result", row.value("state", "")),
                             human_bytes(row.value("bytes", 0.0)), human_bytes(row.value("bytes_back", 0.0)),
                             row.value("opened", ""), row.value("reason", ""));
}

std::shared_ptr<gateway_options> set_up(CLI::App& verb, int& exit, void (*print)(const json&)) {
  auto options = std::make_shared<gateway_options>();
  verb.add_flag("--json", options->as_json, "machine-readable");
  add_data_option(verb, options->data);
  verb.callback([options, name = verb.get_name(), print, &exit] {
    control_call call;
    call.data = options->data;
    json request{{"verb", name}};
    if (options->closed) request["closed"] = true;
    exit = run_call(call, request, [&](const json& answer) {
      const auto& report = answer.at(name);
      if (options->as_json)
        std::cout << report.dump(2) << "\n";
      else
        print(report);
    });
  });
  return options;
}

} // namespace

void set_up_gateways(CLI::App& verb, int& exit) { set_up(verb, exit, print_gateways); }

void set_up_streams(CLI::App& verb, int& exit) {
  auto options = set_up(verb, exit, print_streams);
  verb.add_flag("--closed", options->closed, "those that ended lately instead, with their reasons");
}

} // namespace hublink
