/// login, logout, sessions: a manager's sessions with the servers.
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/password.hpp"

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
  return run_call(call, request, [&](const json& answer) {
    const auto& sessions = answer.at("sessions");
    if (options.as_json) {
      std::cout << sessions.dump(2) << "\n";
      return;
    }
    for (const auto& one : sessions)
      std::cout << fmt::format("{:<20} {:<7} {:<16} {}\n", one.value("server", ""), one.value("state", ""),
                               one.value("user", ""), one.value("reason", one.value("since", "")));
  });
}

CLI::App* add_verb(CLI::App& app, const char* name, const char* does,
                   const std::shared_ptr<login_options>& options) {
  auto* verb = app.add_subcommand(name, does);
  verb->add_flag("--json", options->as_json, "machine-readable");
  add_data_option(*verb, options->data);
  return verb;
}

} // namespace

void add_login(CLI::App& app, int& exit) {
  auto options = std::make_shared<login_options>();
  auto* login =
      add_verb(app, "login", "at a manager: open a session with every server that has none", options);
  login->add_option("--user", options->user, "an account of the servers")->required();
  add_password_option(*login, options->password_file);
  login->callback([options, &exit] {
    auto password = read_password(options->password_file, "Password of " + options->user, false);
    if (!password) {
      std::cerr << "hublink: " << to_string(password.error()) << "\n";
      exit = exit_code(password.error().code);
      return;
    }
    exit = ask_for_sessions(*options, {{"verb", "login"}, {"user", options->user}, {"password", *password}});
  });
  add_verb(app, "logout", "at a manager: end all sessions", options)->callback([options, &exit] {
    exit = ask_for_sessions(*options, {{"verb", "logout"}});
  });
  add_verb(app, "sessions", "at a manager: each server, and whether there is a session", options)
      ->callback([options, &exit] {
        exit = ask_for_sessions(*options, {{"verb", "sessions"}});
      });
}

} // namespace hublink
