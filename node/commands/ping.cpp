#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

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
      const auto& report = answer.at("ping");
      if (options->as_json) {
        std::cout << report.dump(2) << "\n";
        return;
      }
      for (const auto& hop : report.at("hops"))
        std::cout << fmt::format("{:<20} {:>9.3f} ms\n", hop.at("node").get<std::string>(),
                                 hop.at("micros").get<double>() / 1000);
      std::cout << fmt::format("{:<20} {:>9.3f} ms in all\n", report.at("host").get<std::string>(),
                               report.at("micros").get<double>() / 1000);
    });
  });
}

} // namespace hublink
