/// revoke: a node's certificates count no more, in the whole network.
#include "node/base/printing.hpp"
#include "node/base/process_guard.hpp"
#include "node/base/small_file.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/node_states.hpp"
#include "node/commands/passphrase.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"
#include "protocol/trust/signed_form.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct revoke_options {
  std::string name, keys, list, user, data;
  bool as_json = false;
  passphrase_options passphrase;
};

int no_list(const failure& why) {
  print(std::cerr, "hublink: {}\n", to_string(why));
  return exit_code(why.code);
}

outcome<std::string> read_list_file(const std::filesystem::path& file) {
  auto text = read_small_file(file, 2 * max_revocation_list);
  if (!text) return {errc::bad_config, text.error().text};
  return text;
}

/// By the CA in a folder of this machine; the manager may know more than that folder does.
outcome<std::string> make_list(const revoke_options& options) {
  auto known = call_node({.data = options.data}, {{"verb", "revocations"}});
  if (!known) return known.error();
  if (auto why = failure_in(*known, "")) return *why;
  const auto& rows = field_list(*known, "lists");
  if (!rows.empty() && field_text(rows.front(), "node") == options.name)
    return {errc::bad_config,
            options.name + " is the manager that is to tell the others; revoke it at another one"};
  auto done = revoke_keys(
      options.keys, options.name, std::chrono::system_clock::now(), passphrase_by(options.passphrase),
      {.list = field_text(*known, "text"), .certificates = issued_to(options.data, options.name)});
  if (!done) return done.error();
  return read_list_file(std::filesystem::path{options.keys} / "ca" / "crl.pem");
}

int revoke(const revoke_options& options) {
  json request{{"verb", "revoke"}};
  if (!options.name.empty()) request["node"] = options.name;
  if (!options.keys.empty() || !options.list.empty()) {
    auto list = options.keys.empty() ? read_list_file(options.list) : make_list(options);
    if (!list) return no_list(list.error());
    request["list"] = *list;
  }
  control_call call;
  call.data = options.data;
  call.user = options.user;
  return run_call(call, request, [&](const json& answer) {
    const auto& nodes = field_list(answer, "nodes");
    if (options.as_json) return print_json(std::cout, nodes);
    print(std::cout, "list {}\n", field_number(answer, "list").value_or(0));
    print_node_states(nodes);
  });
}

void set_up_revoke(CLI::App& verb, int& exit) {
  auto options = std::make_shared<revoke_options>();
  auto* name = verb.add_option("NAME", options->name, "the node");
  auto* keys = verb.add_option("--keys", options->keys,
                               "the folder of the CA, as hublink keys made it, if the manager holds none")
                   ->type_name("DIR");
  auto* list = verb.add_option("--list", options->list,
                               "a list that was made elsewhere, by hublink keys revoke: the crl.pem")
                   ->type_name("FILE")
                   ->excludes(keys);
  add_passphrase_option(verb, options->passphrase);
  verb.add_flag("--json", options->as_json, "machine-readable");
  add_user_option(verb, options->user);
  add_data_option(verb, options->data);
  verb.callback([=, &exit] {
    keep_memory_private();
    if (name->count() == 0 && list->count() == 0) throw CLI::RequiredError("NAME or --list");
    exit = revoke(*options);
  });
}

constexpr std::array revoke_examples{
    command_example{"hublink revoke HOST1 --keys keys --data MGR",
                    "the CA in keys signs, and every node hears of it"},
    command_example{"hublink revoke --list crl.pem --data MGR",
                    "the CA is elsewhere: a list that hublink keys revoke made there"},
};

} // namespace

constinit const command_row revoke_command{
    .name = "revoke",
    .does = "at a logged-in manager: a node's certificates count no more, from now on and everywhere",
    .set_up = set_up_revoke,
    .examples = revoke_examples};

} // namespace hublink
