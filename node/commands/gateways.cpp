#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/progress_line.hpp"
#include "node/control/request_json.hpp"

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
  if (!field_flag(report, "enabled")) print(std::cout, "the proxy function is off here\n");
  for (const auto& row : field_list(report, "gateways"))
    print(std::cout, "{:<12} {:<6} {} -> {}: {} -> {}, {}, {} streams{}\n", field_text(row, "name"),
          field_text(row, "protocol"), field_text(row, "calling"), field_text(row, "called", "any"),
          field_text(row, "listen"), field_text(row, "deliver", "what is asked for"),
          field_text(row, "state"), field_number(row, "streams").value_or(0),
          row.contains("reason") ? ": " + field_text(row, "reason") : "");
  for (const auto& link : field_list(report, "links"))
    print(std::cout, "link to {}: {} since {}, {} streams, {} out, {} in\n", field_text(link, "peer", "?"),
          field_text(link, "state"), field_text(link, "since"), field_number(link, "streams").value_or(0),
          human_bytes(field_amount(link, "bytes_out")), human_bytes(field_amount(link, "bytes_in")));
  for (const auto& [reason, count] : field_object(report, "refused").items())
    print(std::cout, "refused or dropped, {}: {}\n", reason,
          count.is_number_unsigned() ? count.get<std::uint64_t>() : 0);
}

void print_streams(const json& streams) {
  print(std::cout, "{:>7}  {:<12} {:<10} {:<4} {:<22} {:<22} {:<8} {:>9} {:>9}  {}\n", "STREAM", "GATEWAY",
        "PEER", "", "FROM", "TO", "STATE", "BYTES", "BACK", "OPENED");
  for (const auto& row : streams)
    print(std::cout, "{:>7}  {:<12} {:<10} {:<4} {:<22} {:<22} {:<8} {:>9} {:>9}  {}  {}\n",
          field_number(row, "number").value_or(0), field_text(row, "gateway"), field_text(row, "peer"),
          field_text(row, "protocol"), field_text(row, "from"), field_text(row, "to"),
          field_text(row, "result", field_text(row, "state")), human_bytes(field_amount(row, "bytes")),
          human_bytes(field_amount(row, "bytes_back")), field_text(row, "opened"), field_text(row, "reason"));
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
        print_json(std::cout, report);
      else
        print(report);
    });
  });
  return options;
}

void set_up_gateways(CLI::App& verb, int& exit) { set_up(verb, exit, print_gateways); }

void set_up_streams(CLI::App& verb, int& exit) {
  auto options = set_up(verb, exit, print_streams);
  verb.add_flag("--closed", options->closed, "those that ended lately instead, with their reasons");
}

constexpr std::array gateways_examples{
    command_example{"hublink gateways --data ServerA", "what is carried"},
};

constexpr std::array streams_examples{
    command_example{"hublink streams --data ServerA", "from where to where"},
};

} // namespace

constinit const command_row gateways_command{
    .name = "gateways",
    .does = "the applications that this server carries, and its links to other gateways",
    .set_up = set_up_gateways,
    .examples = gateways_examples};

constinit const command_row streams_command{.name = "streams",
                                            .does = "what the gateways carry now, newest first",
                                            .set_up = set_up_streams,
                                            .examples = streams_examples};

} // namespace hublink
