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
  bool as_json = false, all_files = false;
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
  for (const auto& user : users)
    std::cout << fmt::format("{:<20} {:<28} {:<20} {}\n", user.value("user", ""),
                             joined(user.at("rights"), "-"), joined(user.at("transfers"), "all"),
                             user.value("failures", 0));
}

void show_audit(const json& rows) {
  for (const auto& row : rows) {
    auto file = row.value("file", ""), transfer = row.value("transfer", "");
    auto about = row.value("detail", file);
    if (!transfer.empty()) about += (about.empty() ? "" : " ") + transfer;
    if (!file.empty() && row.contains("detail") && row["detail"] != file) about += " " + file;
    std::cout << fmt::format("{}  {:<12} {:<12} {:<14} {:<20} {}\n", row.value("time", ""),
                             row.value("from", "here"), row.value("user", "-"), row.value("command", ""),
                             about, row.value("result", ""));
  }
}

CLI::App* add_named(CLI::App& users, const char* name, const char* does, const options_ptr& options) {
  auto* verb = users.add_subcommand(name, does);
  verb->add_option("NAME", options->name, "the user")->required();
  add_data_option(*verb, options->data);
  return verb;
}

void set_up_listing(CLI::App& verb, const options_ptr& options, std::function<int()> run, int& exit) {
  verb.add_flag("--json", options->as_json, "machine-readable");
  verb.add_option("--limit", options->limit, "so many at most");
  add_data_option(verb, options->data);
  verb.callback([run = std::move(run), &exit] { exit = run(); });
}

} // namespace

void set_up_users(CLI::App& users, int& exit) {
  auto options = std::make_shared<user_options>();
  users.require_subcommand(1);
  auto* add = add_named(users, "add", "a new account", options);
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
  auto* passwd = add_named(users, "passwd", "a new password", options);
  add_password_option(*passwd, options->password_file);
  passwd->callback([options, &exit] {
    exit = with_password(*options, {{"verb", "users-passwd"}, {"user", options->name}}, "has a new password");
  });
  auto* set =
      add_named(users, "set", "other rights or transfers; ends what is done by its sessions", options);
  auto* rights = set->add_option("--rights", options->rights, "view, transfer, manage, users; with commas");
  auto* files = set->add_option("--transfers", options->files, "limits it to these file IDs")->delimiter(',');
  auto* all = set->add_flag("--all-transfers", options->all_files, "limits it to none")->excludes(files);
  set->callback([options, rights, files, all, &exit] {
    json request{{"verb", "users-set"}, {"user", options->name}};
    if (rights->count() > 0) request["rights"] = options->rights;
    if (files->count() > 0 || all->count() > 0) request["transfers"] = options->files;
    exit = ask(*options, request, [&](const json&) { std::cerr << options->name << " changed\n"; });
  });
  auto* remove =
      add_named(users, "remove", "no such account any more, nor anything by its sessions", options);
  remove->callback([options, &exit] {
    exit = ask(*options, {{"verb", "users-remove"}, {"user", options->name}},
               [&](const json&) { std::cerr << options->name << " removed\n"; });
  });
  set_up_listing(
      *users.add_subcommand("list", "all accounts"), options,
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

void set_up_audit(CLI::App& verb, int& exit) {
  auto options = std::make_shared<user_options>();
  set_up_listing(
      verb, options,
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
