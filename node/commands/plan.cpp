#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/load_topology.hpp"
#include "node/commands/plan_view.hpp"
#include "node/control/request_json.hpp"
#include "node/topology/broadcast_point.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <iostream>
#include <map>
#include <memory>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

/// Of transfers in a message, for somebody who mistyped one.
constexpr std::size_t most_named = 20;

struct plan_options {
  std::string path, file;
  bool as_json = false;
};

int plan_nodes(const topology& net, bool as_json) {
  const auto all = compile_all(net);
  if (as_json) {
    json answer{{"network", net.network}, {"nodes", json::object()}};
    for (const auto& [name, self] : all) answer["nodes"][name] = json_of(self);
    print_json(std::cout, answer);
    return 0;
  }
  for (const auto& [name, self] : all) {
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

/// One line, however many there are.
std::string known_files(const topology& net) {
  std::string known;
  std::size_t shown = 0;
  for (const auto& [name, transfer] : net.transfers) {
    if (shown == most_named) return known + fmt::format(" and {} more", net.transfers.size() - shown);
    known += (shown++ ? ", " : "") + name;
  }
  return known.empty() ? "none" : known;
}

/// Made where a walk asks for them.
class definitions_on_the_way {
 public:
  explicit definitions_on_the_way(topology net) : compiler_(std::move(net)) {}

  definition_ptr at(const std::string& node) {
    if (!compiler_.net().find(node)) return {};
    auto& made = made_[node];
    if (!made) made = std::make_shared<const definition>(compiler_.compile(node));
    return made;
  }
  const topology& net() const { return compiler_.net(); }

 private:
  network_compiler compiler_;
  std::map<std::string, definition_ptr> made_;
};

} // namespace

outcome<transfer_plan> plan_transfer(topology net, const std::string& file) {
  auto found = net.transfers.find(file);
  if (found == net.transfers.end())
    return {errc::unknown_file, "there is no transfer " + file + "; known: " + known_files(net)};
  transfer_plan plan;
  plan.file = file;
  plan.transfer = found->second;
  if (auto choice = choose_broadcast_point(net, network_graph{net}, found->second)) {
    plan.point = choice->point();
    plan.point_why = choice->why();
  }
  // The others' are not looked at on its way.
  std::erase_if(net.transfers, [&](const auto& other) { return other.first != file; });
  definitions_on_the_way nodes{std::move(net)};
  auto by_topology = [&](const std::string& host) -> std::optional<ip_address> {
    auto* node = nodes.net().find(host);
    if (!node || !node->address) return {};
    return node->address->known_address();
  };
  const auto& sender = plan.transfer.from;
  definition_source source = [&](const std::string& node) { return nodes.at(node); };
  plan.way = walk(source, sender, *first_open(*nodes.at(sender), file), by_topology);
  for (const auto& step : plan.way.steps)
    if (nodes.at(step.node)->system_resolver &&
        (plan.ask_system.empty() || plan.ask_system.back() != step.node))
      plan.ask_system.push_back(step.node);
  return plan;
}

void set_up_plan(CLI::App& verb, int& exit) {
  auto options = std::make_shared<plan_options>();
  verb.add_option("NET.json", options->path, "the topology file")->required();
  verb.add_option("FILE", options->file, "the file ID of a transfer");
  verb.add_flag("--json", options->as_json, "machine-readable");
  verb.callback([options, &exit] { exit = plan(*options); });
}

} // namespace hublink
