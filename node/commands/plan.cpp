#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/load_topology.hpp"
#include "node/commands/plan_view.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>

namespace hublink {

namespace {

struct plan_options {
  std::string path, file;
  bool as_json = false;
};

int plan_nodes(const topology& net, bool as_json) {
  if (as_json) {
    print_json(std::cout, json_of_plan(net));
    return 0;
  }
  for (const auto& [name, self] : compile_all(net)) {
    print_plan(std::cout, self);
    print(std::cout, "\n");
  }
  return 0;
}

int plan_file(topology net, const std::string& file, bool as_json) {
  auto plan = plan_transfer(std::move(net), file);
  if (!plan) {
    print(std::cerr, "{}\n", to_string(plan.error()));
    return exit_code(plan.error().code);
  }
  if (as_json)
    print_json(std::cout, json_of(*plan));
  else
    print_plan(std::cout, *plan);
  for (const auto& why : plan->way.failures)
    print(std::cerr, "{}: {}\n", to_string(why.code), to_string(why));
  return plan->way.failures.empty() ? 0 : exit_code(plan->way.failures.front().code);
}

int plan(const plan_options& options) {
  auto net = load_topology(options.path);
  if (!net) return exit_code(net.error().code);
  return options.file.empty() ? plan_nodes(*net, options.as_json)
                              : plan_file(std::move(*net), options.file, options.as_json);
}

void set_up_plan(CLI::App& verb, int& exit) {
  auto options = std::make_shared<plan_options>();
  verb.add_option("NET.json", options->path, "the topology file")->required();
  verb.add_option("FILE", options->file, "the file ID of a transfer");
  verb.add_flag("--json", options->as_json, "machine-readable");
  verb.callback([options, &exit] { exit = plan(*options); });
}

constexpr std::array plan_examples{
    command_example{"hublink plan net.json FILE01", "the hops of a transfer, and what each is told"},
    command_example{"hublink plan net.json --json", "each node's definition"},
};

} // namespace

constinit const command_row plan_command{
    .name = "plan",
    .does = "show each node's compiled definition, or the hops of one transfer and what each is told",
    .set_up = set_up_plan,
    .examples = plan_examples};

} // namespace hublink
