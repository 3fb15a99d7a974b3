/// socks-users: who may use a server's SOCKS5 listener.
#include "node/gateway/socks_users.hpp"
#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/password.hpp"

#include <iostream>

namespace hublink {

namespace {

struct socks_user_options {
  std::string name, data, password_file;
};

int done_or_failed(const outcome<>& done, const std::string& name) {
  if (!done) {
    print(std::cerr, "hublink: {}\n", to_string(done.error()));
    return exit_code(done.error().code);
  }
  print(std::cerr, "{}: done; the node goes by it once it is restarted\n", name);
  return 0;
}

int set_socks_user(const socks_user_options& options) {
  auto typed = read_password(options.password_file, "New password of " + options.name, true);
  if (!typed) return done_or_failed(typed.error(), options.name);
  secret password{std::move(*typed)};
  return done_or_failed(socks_users::set(options.data, options.name, password), options.name);
}

void set_up_socks_users(CLI::App& verb, int& exit) {
  verb.require_subcommand(1);
  // Options of its own for each: the environment is written into those of both.
  auto add = [&](const char* name, const char* does) {
    auto options = std::make_shared<socks_user_options>();
    auto* made = verb.add_subcommand(name, does);
    made->add_option("USER", options->name, "1 to 255 characters, no colon")->required();
    made->add_option("--data", options->data, "the server's directory")
        ->required()
        ->envname("HUBLINK_DATA")
        ->type_name("DIR");
    return std::pair{made, options};
  };
  auto [set, added] = add("set", "add a user, or give him another password; its hash is what is kept");
  add_password_option(*set, added->password_file);
  set->callback([options = added, &exit] { exit = set_socks_user(*options); });
  auto [remove, removed] = add("remove", "take a user out");
  remove->callback([options = removed, &exit] {
    exit = done_or_failed(socks_users::remove(options->data, options->name), options->name);
  });
}

constexpr std::array socks_users_examples{
    command_example{"hublink socks-users set anna --data ServerA", "asks for the password"},
};

} // namespace

constinit const command_row socks_users_command{
    .name = "socks-users",
    .does = "who may use a server's SOCKS5 listener; works without a running node",
    .set_up = set_up_socks_users,
    .examples = socks_users_examples};

} // namespace hublink
