/// login, logout, sessions: a manager's sessions with the servers.
#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/password.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct login_options {
  std::string user, data, password_file;
  bool as_json = false;
};

int ask_for_sessions(const login_options& options, const json& request) {
  control_call call;
  call.data = options.data;
  call.user = options.user;
  return run_call(call, request, [&](const json& answer) {
    const auto& sessions = field_list(answer, "sessions");
    if (options.as_json) {
      print_json(std::cout, sessions);
      return;
    }
    for (const auto& row : sessions)
      print(std::cout, "{:<20} {:<7} {:<16} {}\n", field_text(row, "server"), field_text(row, "state"),
            field_text(row, "user"), field_text(row, "reason", field_text(row, "since")));
  });
}

std::shared_ptr<login_options> add_common(CLI::App& verb) {
  auto options = std::make_shared<login_options>();
  verb.add_flag("--json", options->as_json, "machine-readable");
  add_data_option(verb, options->data);
  return options;
}

void set_up_login(CLI::App& verb, int& exit) {
  auto options = add_common(verb);
  verb.add_option("--user", options->user, "an account of the servers")
      ->envname("HUBLINK_USER")
      ->required()
      ->type_name("NAME");
  add_password_option(verb, options->password_file);
  verb.callback([options, &exit] {
    auto password = read_password(options->password_file, "Password of " + options->user, false);
    if (!password) {
      print(std::cerr, "hublink: {}\n", to_string(password.error()));
      exit = exit_code(password.error().code);
      return;
    }
    exit = ask_for_sessions(*options, {{"verb", "login"}, {"password", *password}});
  });
}

void set_up_logout(CLI::App& verb, int& exit) {
  auto options = add_common(verb);
  add_user_option(verb, options->user);
  verb.callback([options, &exit] { exit = ask_for_sessions(*options, {{"verb", "logout"}}); });
}

// All of them are what it is for, whoever usually works here.
void set_up_sessions(CLI::App& verb, int& exit) {
  auto options = add_common(verb);
  verb.add_option("--user", options->user, "only those of that user")->type_name("NAME");
  verb.callback([options, &exit] { exit = ask_for_sessions(*options, {{"verb", "sessions"}}); });
}

constexpr std::array login_examples{
    command_example{"hublink login --user anna --data MGR", "at every server; asks for the password"},
};

constexpr std::array logout_examples{
    command_example{"hublink logout --data MGR", "ends the sessions"},
};

constexpr std::array sessions_examples{
    command_example{"hublink sessions --data MGR", "who is in, and where"},
};

} // namespace

constinit const command_row login_command{
    .name = "login",
    .does = "at a manager: log in at every server; the sessions are this user's",
    .set_up = set_up_login,
    .examples = login_examples};

constinit const command_row logout_command{.name = "logout",
                                           .does = "at a manager: end a user's sessions",
                                           .set_up = set_up_logout,
                                           .examples = logout_examples};

constinit const command_row sessions_command{.name = "sessions",
                                             .does = "at a manager: who is logged in, at which servers",
                                             .set_up = set_up_sessions,
                                             .examples = sessions_examples};

} // namespace hublink
