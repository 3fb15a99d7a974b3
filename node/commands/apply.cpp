/// apply: a topology for the whole network, from its manager.
#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/load_topology.hpp"
#include "node/commands/node_states.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct apply_options {
  std::string path, user, data;
  bool dry_run = false, as_json = false;
};

constexpr std::size_t most_shown = 8;

std::string line_of(const json& row) {
  if (field_flag(row, "removed")) return "is in the topology no more";
  if (row.contains("reason")) return field_text(row, "reason");
  const auto& changes = field_list(row, "changes");
  if (changes.empty()) return "stays as it is";
  std::string line;
  for (std::size_t i = 0; i < std::min(changes.size(), most_shown); ++i)
    line +=
        fmt::format("{}{} {}", i ? ", " : "", field_text(changes[i], "op"), field_text(changes[i], "path"));
  return changes.size() > most_shown ? fmt::format("{} and {} more", line, changes.size() - most_shown)
                                     : line;
}

void print_difference(const json& rows) {
  for (const auto& row : rows) print(std::cout, "{:<20} {}\n", field_text(row, "node"), line_of(row));
}

void print_outcome(const json& answer) {
  print(std::cout, "version {}, list {}\n", field_text(field_object(answer, "applied"), "time"),
        field_number(answer, "list").value_or(0));
  print_node_states(field_list(answer, "nodes"));
}

int apply(const apply_options& options) {
  json request{{"verb", "apply"}, {"dry_run", options.dry_run}};
  if (!options.path.empty()) {
    if (auto net = load_topology(options.path); !net) return exit_code(net.error().code);
    auto text = read_topology_file(options.path);
    if (!text) return exit_code(text.error().code);
    request["topology"] = *text;
  }
  control_call call;
  call.data = options.data;
  call.user = options.user;
  return run_call(call, request, [&](const json& answer) {
    if (options.as_json)
      print_json(std::cout,
                 (options.dry_run ? field_list(answer, "difference") : field_list(answer, "nodes")));
    else if (options.dry_run)
      print_difference(field_list(answer, "difference"));
    else
      print_outcome(answer);
  });
}

void set_up_apply(CLI::App& verb, int& exit) {
  auto options = std::make_shared<apply_options>();
  verb.add_option("NET.json", options->path, "the topology file");
  verb.add_flag("--dry-run", options->dry_run, "only show what would change at each node");
  verb.add_flag("--json", options->as_json, "machine-readable");
  add_user_option(verb, options->user);
  add_data_option(verb, options->data);
  verb.callback([options, &exit] { exit = apply(*options); });
}

constexpr std::array apply_examples{
    command_example{"hublink apply net.json --dry-run --data MGR", "what would change, and where"},
    command_example{"hublink apply net.json --data MGR", "all nodes get it while they run"},
};

} // namespace

constinit const command_row apply_command{
    .name = "apply",
    .does =
        "at a logged-in manager: sign every node's definition and bring it there; without a file: what the "
        "nodes lack of what was applied last",
    .set_up = set_up_apply,
    .examples = apply_examples};

} // namespace hublink
