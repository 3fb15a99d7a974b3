/// invite: a one-time code, with which a new node gets its certificate by itself.
#include "node/base/printing.hpp"
#include "node/base/process_guard.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct invite_options {
  std::string name, role, data;
  int days = 730;
  bool as_json = false;
};

void print_invitation(const json& answer) {
  auto node = field_text(answer, "node");
  print(std::cout, "{}\n", field_text(answer, "code"));
  print(
      std::cerr,
      "for {}, once, until {}; on its machine: hublink run --node {} --join ADDRESS --code CODE\n"
      "ADDRESS is that of its server. Whoever has the code until then can be {}: hand it over as you would a "
      "password\n",
      node, field_text(answer, "until"), node, node);
}

int invite(const invite_options& options) {
  json request{{"verb", "invite"}, {"node", options.name}, {"days", options.days}};
  if (!options.role.empty()) request["role"] = options.role;
  return run_call({.data = options.data}, request, [&](const json& answer) {
    if (!options.as_json) return print_invitation(answer);
    auto shown = answer;
    shown.erase("exit");
    print_json(std::cout, shown);
  });
}

void set_up_invite(CLI::App& verb, int& exit) {
  auto options = std::make_shared<invite_options>();
  verb.add_option("NAME", options->name, "the node, as the topology names it")->required();
  verb.add_option("--role", options->role, "what it will be, if the topology does not say it yet")
      ->check(CLI::IsMember({"manager", "server", "client"}));
  verb.add_option("--days", options->days, "validity of its certificate")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  verb.add_flag("--json", options->as_json, "machine-readable");
  add_data_option(verb, options->data);
  verb.callback([options, &exit] {
    keep_memory_private();
    exit = invite(*options);
  });
}

constexpr std::array invite_examples{
    command_example{"hublink invite HOST4 --data MGR", "prints the code; it is shown once"},
};

} // namespace

constinit const command_row invite_command{
    .name = "invite",
    .does = "at a manager that holds the CA: a one-time code, with which a new node gets its certificate",
    .set_up = set_up_invite,
    .examples = invite_examples};

} // namespace hublink
