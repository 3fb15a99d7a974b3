/// users, audit: the accounts of a server and what was done with them.
#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/name_list.hpp"
#include "node/commands/password.hpp"
#include "node/control/request_json.hpp"

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
/// Of its own for each command: the environment is written into those of all, also of the ones that were not
/// called.
using options_ptr = std::shared_ptr<user_options>;

int with_password(const user_options& options, json request, const std::string& done) {
  auto password = read_password(options.password_file, "New password of " + options.name, true);
  if (!password) {
    print(std::cerr, "hublink: {}\n", to_string(password.error()));
    return exit_code(password.error().code);
  }
  request["password"] = *password;
  return run_call({.data = options.data}, request,
                  [&](const json&) { print(std::cerr, "{} {}\n", options.name, done); });
}

void show_users(const json& users) {
  print(std::cout, "{:<20} {:<28} {:<20} {}\n", "USER", "RIGHTS", "TRANSFERS", "WRONG PASSWORDS");
  for (const auto& user : users)
    print(std::cout, "{:<20} {:<28} {:<20} {}\n", field_text(user, "user"),
          with_commas(field_list(user, "rights"), "-"), with_commas(field_list(user, "transfers"), "all"),
          field_number(user, "failures").value_or(0));
}

void show_audit(const json& rows) {
  for (const auto& row : rows) {
    auto file = field_text(row, "file"), transfer = field_text(row, "transfer");
    auto about = row.contains("detail") ? field_text(row, "detail") : file;
    if (!file.empty() && about != file) about += (about.empty() ? "" : " ") + file;
    if (!transfer.empty()) about += (about.empty() ? "" : " ") + transfer;
    print(std::cout, "{}  {:<12} {:<12} {:<14} {:<20} {}\n", field_text(row, "time"),
          field_text(row, "from", "here"), field_text(row, "user", "-"), field_text(row, "command"), about,
          field_text(row, "result"));
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

void set_up_add(CLI::App& users, int& exit) {
  auto options = std::make_shared<user_options>();
  auto* add = add_named(users, "add", "a new account", options);
  add->add_option("--rights", options->rights, "view, transfer, manage, users; with commas");
  auto* files = add->add_option("--transfers", options->files, "limits it to these file IDs")->delimiter(',');
  add_password_option(*add, options->password_file);
  add->callback([options, files, &exit] {
    if (files->count() > 0 && options->files.empty()) {
      print(std::cerr,
            "hublink: --transfers names no file ID; leave it out for an account of all transfers\n");
      exit = 2;
      return;
    }
    exit = with_password(*options,
                         {{"verb", "users-add"},
                          {"user", options->name},
                          {"rights", options->rights},
                          {"transfers", options->files}},
                         "added, with the rights " + options->rights +
                             (options->files.empty() ? " for all transfers" : " for some transfers"));
  });
}

void set_up_passwd(CLI::App& users, int& exit) {
  auto options = std::make_shared<user_options>();
  auto* passwd = add_named(users, "passwd", "a new password", options);
  add_password_option(*passwd, options->password_file);
  passwd->callback([options, &exit] {
    exit = with_password(*options, {{"verb", "users-passwd"}, {"user", options->name}}, "has a new password");
  });
}

void set_up_set(CLI::App& users, int& exit) {
  auto options = std::make_shared<user_options>();
  auto* set =
      add_named(users, "set", "other rights or transfers; ends what is done by its sessions", options);
  auto* rights = set->add_option("--rights", options->rights, "view, transfer, manage, users; with commas");
  auto* limited_to =
      set->add_option("--transfers", options->files, "limits it to these file IDs")->delimiter(',');
  auto* all = set->add_flag("--all-transfers", options->all_files, "limits it to none")->excludes(limited_to);
  set->callback([options, rights, limited_to, all, &exit] {
    json request{{"verb", "users-set"}, {"user", options->name}};
    if (rights->count() > 0) request["rights"] = options->rights;
    if (limited_to->count() > 0 || all->count() > 0) request["transfers"] = options->files;
    exit = run_call({.data = options->data}, request,
                    [&](const json&) { print(std::cerr, "{} changed\n", options->name); });
  });
}

void set_up_remove(CLI::App& users, int& exit) {
  auto options = std::make_shared<user_options>();
  auto* remove =
      add_named(users, "remove", "no such account any more, nor anything by its sessions", options);
  remove->callback([options, &exit] {
    exit = run_call({.data = options->data}, {{"verb", "users-remove"}, {"user", options->name}},
                    [&](const json&) { print(std::cerr, "{} removed\n", options->name); });
  });
}

void set_up_list(CLI::App& users, int& exit) {
  auto options = std::make_shared<user_options>();
  set_up_listing(
      *users.add_subcommand("list", "all accounts"), options,
      [options] {
        return run_call({.data = options->data}, {{"verb", "users-list"}}, [&](const json& answer) {
          if (options->as_json)
            print_json(std::cout, field_list(answer, "users"));
          else
            show_users(field_list(answer, "users"));
        });
      },
      exit);
}

void set_up_users(CLI::App& users, int& exit) {
  users.require_subcommand(1);
  set_up_add(users, exit);
  set_up_passwd(users, exit);
  set_up_set(users, exit);
  set_up_remove(users, exit);
  set_up_list(users, exit);
}

void set_up_audit(CLI::App& verb, int& exit) {
  auto options = std::make_shared<user_options>();
  set_up_listing(
      verb, options,
      [options] {
        return run_call({.data = options->data}, {{"verb", "audit"}, {"limit", options->limit}},
                        [&](const json& answer) {
                          if (options->as_json)
                            print_json(std::cout, field_list(answer, "audit"));
                          else
                            show_audit(field_list(answer, "audit"));
                        });
      },
      exit);
}

constexpr std::array users_examples{
    command_example{"hublink users add anna --rights view,transfer --data ServerA", "asks for the password"},
    command_example{"hublink users list --data ServerA", "all accounts"},
};

constexpr std::array audit_examples{
    command_example{"hublink audit --data ServerA", "what was done"},
};

} // namespace

constinit const command_row users_command{
    .name = "users", .does = "the accounts of a server", .set_up = set_up_users, .examples = users_examples};

constinit const command_row audit_command{.name = "audit",
                                          .does = "what users did at a server, newest first",
                                          .set_up = set_up_audit,
                                          .examples = audit_examples};

} // namespace hublink
