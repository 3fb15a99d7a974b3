#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/known_files.hpp"

#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

struct files_options {
  std::string data;
  bool as_json = false;
};

const char* direction_of(const known_file& row) { return row.sends ? "to" : "from"; }

int show_files(const files_options& options) {
  control_call call;
  call.data = options.data;
  auto known = ask_known_files(call);
  if (!known) {
    print(std::cerr, "hublink: {}\n", to_string(known.error()));
    return exit_code(known.error().code);
  }
  json rows = json::array();
  for (const auto& row : *known) {
    json shape{{"file", row.file}};
    if (!row.path.empty()) shape["path"] = row.path;
    if (row.sends)
      shape["to"] = row.others;
    else
      shape["from"] = row.others.empty() ? "" : row.others.front();
    rows.push_back(std::move(shape));
    if (options.as_json) continue;
    std::string others;
    for (const auto& each : row.others) others += (others.empty() ? "" : ", ") + each;
    print(std::cout, "{:<20} {:<5}{:<30} {}\n", row.file, direction_of(row), others, row.path);
  }
  if (options.as_json) print_json(std::cout, rows);
  return 0;
}

void set_up_files(CLI::App& verb, int& exit) {
  auto options = std::make_shared<files_options>();
  verb.add_flag("--json", options->as_json, "machine-readable");
  add_data_option(verb, options->data);
  verb.callback([options, &exit] { exit = show_files(*options); });
}

constexpr std::array files_examples{
    command_example{"hublink files --data HOST1", "file, direction, the other end, path"},
};

} // namespace

constinit const command_row files_command{
    .name = "files",
    .does =
        "what this node sends and receives, by its definition; at a logged-in manager: what all clients send",
    .set_up = set_up_files,
    .examples = files_examples};

} // namespace hublink
