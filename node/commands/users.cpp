/// users, audit: the accounts of a server and what was done with them.
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/password.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct user_options {
  std::string name, rights = "view", data, password_file;
  std::vector<std::string> files;
  std::uint32_t limit = 100;
  bool as_json = false;
};
using options_ptr = std::shared_ptr<user_options>;

std::string joined(const json& names, const char* nothing) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ",") + name.get<std::string>();
  return text.empty() ? nothing : text;
}

int ask(const user_options& options, const json& request, const std::function<void(const json&)>& show) {
  control_call call;
  call.data = options.data;
  return run_call(call, request, show);
}

int with_password(const user_options& options, json request, const std::string& done) {
  auto password = read_password(options.password_file, "New password of " + options.name, true);
  if (!password) {
    std::cerr << "hublink: " << to_string(password.error()) << "\n";
    return exit_code(password.error().code);
  }
  request["password"] = *password;
  return ask(options, request, [&](const json&) { std::cerr << options.name << " " << done << "\n"; });
}

void show_users(const json& users) {
  std::cout << fmt::format("{:<20} {:<28} {:<20} {}\n", "USER", "RIGHTS", "TRANSFERS", "WRONG PASSWORDS");
  for (const auto& one : users)
    std::cout << fmt::format("{:<20} {:<28} {:<20} {}\n", one.value("user", ""),
                             joined(one.at("rights"), "-"), joined(one.at("transfers"), "all"),
                             one.value("failures", 0));
}

void show_audit(const json& rows) {
  for (const auto& one : rows)
    std::cout << fmt::format("{}  {:<12} {:<12} {:<14} {:<20} {}\n", one.value("time", ""),
                             one.value("from", "here"), one.value("user", "-"), one.value("command", ""),
                             one.value("detail", ""), one.value("result", ""));
}

CLI::App* add_named(CLI::App& users, const char* name, const char* does, const options_ptr& options) {
  auto* verb = users.add_subcommand(name, does);
  verb->add_option("NAME", options->name, "the user")->required();
  add_data_option(*verb, options->data);
  return verb;
}

void add_listing(CLI::App& parent, const char* name, const char* does, const options_ptr& options,
                 std::function<int()> run, int& exit) {
  auto* verb = parent.add_subcommand(name, does);
  verb->add_flag("--json", options->as_json, "machine-readable");
  verb->add_option("--limit", options->limit, "so many at most");
  add_data_option(*verb, options->data);
  verb->callback([run = std::move(run), &exit] { exit = run(); });
}

} // namespace

void add_users(CLI::App& app, int& exit) {
  auto options = std::make_shared<user_options>();
  auto* users = app.add_subcommand("users", "the accounts of a server");
  users->require_subcommand(1);
  auto* add = add_named(*users, "add", "a new account", options);
  add->add_option("--rights", options->rights, "view, transfer, manage, users; with commas");
  add->add_option("--transfers", options->files, "limits it to these file IDs")->delimiter(',');
  add_password_option(*add, options->password_file);
  add->callback([options, &exit] {
    exit = with_password(*options,
                         {{"verb", "users-add"},
                          {"user", options->name},
                          {"rights", options->rights},
                          {"transfers", options->files}},
                         "added");
  });
  auto* passwd = add_named(*users, "passwd", "a new password", options);
  add_password_option(*passwd, options->password_file);
  passwd->callback([options, &exit] {
    exit = with_password(*options, {{"verb", "users-passwd"}, {"user", options->name}}, "has a new password");
  });
  auto* remove =
      add_named(*users, "remove", "no such account any more, nor anything by its sessions", options);
  remove->callback([options, &exit] {
    exit = ask(*options, {{"verb", "users-remove"}, {"user", options->name}},
               [&](const json&) { std::cerr << options->name << " removed\n"; });
  });
  add_listing(
      *users, "list", "all accounts", options,
      [options] {
        return ask(*options, {{"verb", "users-list"}}, [&](const json& answer) {
          if (options->as_json)
            std::cout << answer.at("users").dump(2) << "\n";
          else
            show_users(answer.at("users"));
        });
      },
      exit);
}

void add_audit(CLI::App& app, int& exit) {
  auto options = std::make_shared<user_options>();
  add_listing(
      app, "audit", "what users did at a server, newest first", options,
      [options] {
        return ask(*options, {{"verb", "audit"}, {"limit", options->limit}}, [&](const json& answer) {
          if (options->as_json)
            std::cout << answer.at("audit").dump(2) << "\n";
          else
            show_audit(answer.at("audit"));
        });
      },
      exit);
}

} // namespace hublink
