/// tokens: keys of programs that come in over HTTP.
#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/name_list.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

/// Each command has its own: the environment is written into those of all, also of the ones that were not
/// called.
struct token_options {
  std::string name, rights = "view", user, data;
  std::vector<std::string> files;
  std::uint32_t days = 90;
  bool as_json = false;
};

void show_tokens(const json& tokens) {
  print(std::cout, "{:<20} {:<28} {:<20} {:<27} {}\n", "TOKEN", "RIGHTS", "TRANSFERS", "UNTIL", "LAST USED");
  for (const auto& row : tokens)
    print(std::cout, "{:<20} {:<28} {:<20} {:<27} {}\n", field_text(row, "name"),
          with_commas(field_list(row, "rights"), "-"), with_commas(field_list(row, "transfers"), "all"),
          field_text(row, "until"), field_text(row, "used", "never"));
}

void set_up_token_list(CLI::App& verb, int& exit) {
  auto options = std::make_shared<token_options>();
  verb.add_flag("--json", options->as_json, "machine-readable");
  add_data_option(verb, options->data);
  verb.callback([options, &exit] {
    exit = run_call({.data = options->data}, {{"verb", "tokens-list"}}, [&](const json& answer) {
      if (options->as_json)
        print_json(std::cout, field_list(answer, "tokens"));
      else
        show_tokens(field_list(answer, "tokens"));
    });
  });
}

void set_up_token_add(CLI::App& verb, int& exit) {
  auto options = std::make_shared<token_options>();
  verb.add_option("NAME", options->name, "what it is for")->required();
  verb.add_option("--rights", options->rights, "view, transfer, manage, users; with commas");
  auto* files = verb.add_option("--transfers", options->files, "limits it to these file IDs")->delimiter(',');
  verb.add_option("--days", options->days, "so long it counts")->check(CLI::Range(1, 3650));
  verb.add_option("--user", options->user,
                  "at a manager: by whose sessions its commands go (default: the only one who is logged in)");
  add_data_option(verb, options->data);
  verb.callback([options, files, &exit] {
    if (files->count() > 0 && options->files.empty()) {
      print(std::cerr, "hublink: --transfers names no file ID; leave it out for a token of all transfers\n");
      exit = 2;
      return;
    }
    json request{{"verb", "tokens-add"},
                 {"name", options->name},
                 {"rights", options->rights},
                 {"transfers", options->files},
                 {"days", options->days}};
    if (!options->user.empty()) request["sessions_of"] = options->user;
    exit = run_call({.data = options->data}, request, [&](const json& answer) {
      const auto& token = field_object(answer, "token");
      print(std::cout, "{}\n", field_text(token, "text"));
      print(std::cerr, "{} until {}; this is shown once\n", options->name, field_text(token, "until"));
    });
  });
}

void set_up_token_remove(CLI::App& verb, int& exit) {
  auto options = std::make_shared<token_options>();
  verb.add_option("NAME", options->name, "the token")->required();
  add_data_option(verb, options->data);
  verb.callback([options, &exit] {
    exit = run_call({.data = options->data}, {{"verb", "tokens-remove"}, {"name", options->name}},
                    [&](const json&) { print(std::cerr, "{} removed\n", options->name); });
  });
}

void set_up_tokens(CLI::App& tokens, int& exit) {
  tokens.require_subcommand(1);
  set_up_token_add(*tokens.add_subcommand("add", "a new token; its text is shown once"), exit);
  set_up_token_remove(*tokens.add_subcommand("remove", "it counts no more"), exit);
  set_up_token_list(*tokens.add_subcommand("list", "all tokens, and when they were used last"), exit);
}

constexpr std::array tokens_examples{
    command_example{"hublink tokens add report --rights view,transfer --days 30 --data HOST1",
                    "prints it; it is shown once"},
    command_example{"hublink tokens list --data HOST1", "all tokens, and when they were used last"},
};

} // namespace

constinit const command_row tokens_command{.name = "tokens",
                                           .does = "keys of programs that come in over HTTP",
                                           .set_up = set_up_tokens,
                                           .examples = tokens_examples};

} // namespace hublink
