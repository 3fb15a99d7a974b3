#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

void set_up_ping(CLI::App& verb, int& exit) {
  struct ping_options {
    std::string host, data;
    bool as_json = false;
  };
  auto options = std::make_shared<ping_options>();
  verb.add_option("HOST", options->host, "a client or server of the network")->required();
  verb.add_flag("--json", options->as_json, "machine-readable");
  add_data_option(verb, options->data);
  verb.callback([options, &exit] {
    control_call call;
    call.data = options->data;
    exit = run_call(call, {{"verb", "ping"}, {"host", options->host}}, [&](const json& answer) {
      const auto& report = field_object(answer, "ping");
      if (options->as_json) {
        print_json(std::cout, report);
        return;
      }
      for (const auto& hop : field_list(report, "hops"))
        print(std::cout, "{:<20} {:>9.3f} ms\n", field_text(hop, "node"), field_amount(hop, "micros") / 1000);
      print(std::cout, "{:<20} {:>9.3f} ms in all\n", field_text(report, "host"),
            field_amount(report, "micros") / 1000);
    });
  });
}

constexpr std::array ping_examples{
    command_example{"hublink ping HOST2 --data HOST1", "the hops to HOST2"},
};

} // namespace

constinit const command_row ping_command{
    .name = "ping",
    .does = "open a circuit to a host and say each hop's set-up time; sends nothing",
    .set_up = set_up_ping,
    .examples = ping_examples};

} // namespace hublink
