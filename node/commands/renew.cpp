/// renew: a node's next certificate, now.
#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct renew_options {
  std::string at, user, data;
  bool as_json = false;
};

void set_up_renew(CLI::App& verb, int& exit) {
  auto options = std::make_shared<renew_options>();
  verb.add_option("--at", options->at, "at a manager: which server or client")->type_name("NODE");
  verb.add_flag("--json", options->as_json, "machine-readable");
  add_user_option(verb, options->user);
  add_data_option(verb, options->data);
  verb.callback([options, &exit] {
    control_call call;
    call.data = options->data;
    call.user = options->user;
    exit = run_call(call, {{"verb", "renew"}, {"at", options->at}}, [&](const json& answer) {
      const auto& renewed = field_object(answer, "renewed");
      if (options->as_json) return print_json(std::cout, renewed);
      print(std::cout, "renewed, until {}\n", field_text(renewed, "until"));
    });
  });
}

constexpr std::array renew_examples{
    command_example{"hublink renew --at HOST1 --data MGR", "at a manager that holds the CA"},
};

} // namespace

constinit const command_row renew_command{
    .name = "renew",
    .does = "get a node its next certificate now, where it has lived for half of its time",
    .set_up = set_up_renew,
    .examples = renew_examples};

} // namespace hublink
