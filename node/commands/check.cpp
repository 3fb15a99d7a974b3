#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/load_topology.hpp"
#include "node/commands/name_check.hpp"
#include "node/definition/definition_size.hpp"
#include "node/topology/topology_check.hpp"
#include "node/trust/certificate_list.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <memory>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

std::string counted(std::size_t number, const std::string& thing) {
  return std::to_string(number) + " " + thing + (number == 1 ? "" : "s");
}

std::size_t nodes_of(const topology& net, role wanted) {
  return std::count_if(net.nodes.begin(), net.nodes.end(),
                       [=](const auto& row) { return row.second.role == wanted; });
}

std::string summary_of(const topology& net) {
  return net.network + ": " + counted(nodes_of(net, role::server), "server") + ", " +
         counted(nodes_of(net, role::client), "client") + ", " +
         counted(nodes_of(net, role::manager), "manager") + ", " + counted(net.transfers.size(), "transfer") +
         ", " + counted(net.gateways.size(), "gateway") + ": no problems";
}

problems warnings_of(const topology& net) {
  auto all = find_unknown_names(net);
  auto near = find_nearly_long_definitions(net);
  all.insert(all.end(), near.begin(), near.end());
  return all;
}

int check_as_json(const std::string& path) {
  auto text = read_topology_file(path);
  if (!text) {
    print(std::cerr, "{}\n", to_string(text.error()));
    return exit_code(text.error().code);
  }
  auto checked = parse_and_check(*text);
  if (checked.problems.empty()) checked.problems = find_long_definitions(checked.value);
  json answer{
      {"network", checked.value.network}, {"valid", checked.problems.empty()}, {"problems", json::array()}};
  for (const auto& each : checked.problems)
    answer["problems"].push_back({{"path", each.path}, {"message", each.message}});
  if (checked.problems.empty())
    for (const auto& each : warnings_of(checked.value))
      answer["warnings"].push_back({{"path", each.path}, {"message", each.message}});
  print_json(std::cout, answer);
  return checked.problems.empty() ? 0 : exit_code(errc::bad_config);
}

/// Each node of the topology has keys, of its own role, that count and go on to count.
problems check_keys(const topology& net, const certificate_listing& listing, problems& warnings) {
  problems wrong;
  for (const auto& [name, node] : net.nodes) {
    auto row = std::ranges::find(listing.nodes, name, &listed_certificate::name);
    if (row == listing.nodes.end())
      wrong.push_back({"nodes." + name, "has no keys there; hublink keys makes them"});
    else if (row->state == certificate_state::ended)
      wrong.push_back({"nodes." + name, "its keys don't count: " + row->reason});
    else if (node.role && row->role != node.role)
      wrong.push_back(
          {"nodes." + name, "its keys are of another role than " + std::string{to_string(*node.role)}});
    else if (row->until && *row->until - std::chrono::system_clock::now() <= own_certificate::first_warning)
      warnings.push_back({"nodes." + name, "its certificate ends at " + date_of(*row->until)});
  }
  return wrong;
}

int check_keys_too(const topology& net, const std::string& folder) {
  auto listing = list_certificates(folder, std::chrono::system_clock::now());
  if (!listing) {
    print(std::cerr, "{}\n", to_string(listing.error()));
    return exit_code(listing.error().code);
  }
  problems warnings;
  auto wrong = check_keys(net, *listing, warnings);
  for (const auto& each : wrong) print(std::cerr, "{}\n", to_string(each));
  for (const auto& each : warnings) print(std::cerr, "warning: {}\n", to_string(each));
  return wrong.empty() ? 0 : exit_code(errc::bad_config);
}

int check(const std::string& path, const std::string& keys) {
  auto net = load_topology(path);
  if (!net) return exit_code(net.error().code);
  const auto longer = find_long_definitions(*net);
  for (const auto& each : longer) print(std::cerr, "{}\n", to_string(each));
  if (!longer.empty()) return exit_code(errc::bad_config);
  if (!keys.empty())
    if (int code = check_keys_too(*net, keys); code != 0) return code;
  for (const auto& each : warnings_of(*net)) print(std::cerr, "warning: {}\n", to_string(each));
  print(std::cout, "{}\n", summary_of(*net));
  return 0;
}

void set_up_check(CLI::App& verb, int& exit) {
  struct check_options {
    std::string path, keys;
    bool as_json = false;
  };
  auto options = std::make_shared<check_options>();
  verb.add_option("NET.json", options->path, "the topology file")->required();
  auto* as_json = verb.add_flag("--json", options->as_json, "machine-readable");
  verb.add_option("--keys", options->keys, "and that each node has keys there that count")
      ->type_name("DIR")
      ->excludes(as_json);
  verb.callback([options, &exit] {
    exit = options->as_json ? check_as_json(options->path) : check(options->path, options->keys);
  });
}

constexpr std::array check_examples{
    command_example{"hublink check net.json --keys keys",
                    "the topology, and that each node has keys that count"},
};

} // namespace

constinit const command_row check_command{
    .name = "check",
    .does = "validate a topology file: every problem in one go, with what would fix it",
    .set_up = set_up_check,
    .examples = check_examples};

} // namespace hublink
