#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

void print_definition(const json& shape) {
  if (shape.value("version", std::uint64_t(0)) > 0 || shape.value("drift", false))
    std::cout << fmt::format("definition: {}{}\n", shape.value("applied", "as it was started"),
                             shape.value("drift", false) ? "; not the one that was applied last" : "");
  const auto behind = shape.value("behind", json::object());
  for (const auto& [node, reason] : behind.items())
    std::cout << fmt::format("the definition of {} waits: {}\n", node, reason.get<std::string>());
}

void print_certificate(const json& shape) {
  auto state = shape.value("state", "valid");
  if (state == "expires-soon")
    std::cout << fmt::format("certificate: expires at {}; make new keys with hublink keys\n",
                             shape.value("until", ""));
  if (state == "ended")
    std::cout << fmt::format("certificate: does not count any more: {}\n", shape.value("reason", ""));
}

void print_status(const json& status) {
  if (status.is_array()) {
    for (const auto& node : status) print_status(node);
    return;
  }
  std::cout << fmt::format("{} ({}) at {} in {}\n", status.value("node", ""), status.value("role", ""),
                           status.value("address", ""), status.value("network", ""));
  const auto& transfers = status.at("transfers");
  std::cout << fmt::format("transfers: {} running, {} queued{}\n", transfers.value("running", 0),
                           transfers.value("queued", 0), status.value("held", false) ? "; held" : "");
  print_definition(status.value("definition", json::object()));
  print_certificate(status.value("certificate", json::object()));
  for (const auto& link : status.at("links"))
    std::cout << fmt::format("link to {} ({}): {}, {} circuits\n", link.value("peer", ""),
                             link.value("role", ""), link.value("up", false) ? "up" : "down",
                             link.value("circuits", 0));
}

} // namespace

void set_up_status(CLI::App& verb, int& exit) {
  struct status_options {
    std::string data;
    bool as_json = false;
  };
  auto options = std::make_shared<status_options>();
  verb.add_flag("--json", options->as_json, "machine-readable");
  add_data_option(verb, options->data);
  verb.callback([options, &exit] {
    control_call call;
    call.data = options->data;
    exit = run_call(call, {{"verb", "status"}}, [&](const json& answer) {
      const auto& status = answer.contains("nodes") ? answer.at("nodes") : answer.at("status");
      if (options->as_json)
        std::cout << status.dump(2) << "\n";
      else
        print_status(status);
    });
  });
}

} // namespace hublink
