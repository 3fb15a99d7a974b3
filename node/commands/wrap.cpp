#include "actors/definition/definition.hpp"
#include "node/base/printing.hpp"
#include "node/base/program_check.hpp"
#include "node/base/small_file.hpp"
#include "node/commands/commands.hpp"
#include "protocol/base/bytes.hpp"

#include <cstring>
#include <filesystem>
#include <iostream>
#include <unistd.h>

namespace hublink {

namespace {

struct wrap_options {
  std::string gateway, user_file;
  std::vector<std::string> only, direct, names, command;
  int reply_timeout_s = 5;
};

/// As `wrap/settings.hpp` reads it.
std::string encoded(const proxy_rule& rule, bool direct) {
  const auto& base = rule.network.base;
  auto octets = std::as_bytes(std::span(base.octets)).first(static_cast<std::size_t>(base.width()) / 8);
  return (direct ? "-" : "") + std::string(base.v6 ? "6 " : "4 ") + to_hex(octets) + " " +
         std::to_string(rule.network.prefix) + " " + std::to_string(rule.first_port) + " " +
         std::to_string(rule.last_port) + ";";
}

/// The machine itself and its nearest neighbours, where the user names no destinations.
const std::vector<std::string> nearby{"127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3",
                                      "::1/128",     "fe80::/10",      "ff00::/8"};
const std::vector<std::string> everywhere{"0.0.0.0/0", "::/0"};

outcome<std::string> rules_of(const std::vector<std::string>& patterns, bool direct) {
  std::string text;
  for (const auto& pattern : patterns) {
    auto rule = proxy_rule::parse(pattern);
    if (!rule) rule = proxy_rule::parse(pattern + ":1-65535");
    if (!rule)
      return failure{
          errc::bad_config, {}, pattern + " is no destination such as 10.2.0.0/16 or 10.2.0.7:5432"};
    text += encoded(*rule, direct);
  }
  return text;
}

/// Beside the executable, as built, or where it is installed.
std::string find_library() {
  if (auto* own = std::getenv("HUBLINK_WRAP_LIBRARY")) return own;
  std::error_code error;
  auto folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (auto place : {folder / "libhublink_wrap.so", folder / "../lib/libhublink_wrap.so"})
    if (std::filesystem::exists(place, error)) return std::filesystem::canonical(place, error).string();
  return {};
}

outcome<> set_environment(const wrap_options& options) {
  auto gateway = endpoint::parse(options.gateway);
  if (!gateway || gateway->port == 0)
    return {errc::bad_config, "'" + options.gateway +
                                  "' is no gateway; give --gateway (or HUBLINK_GATEWAY) the address of its "
                                  "SOCKS listener, such as 127.1.1.1:1080"};
  auto direct = rules_of(options.direct, true);
  if (!direct) return direct.error();
  auto taken = rules_of(options.only, false);
  if (!taken) return taken.error();
  if (options.only.empty()) taken = *rules_of(nearby, true) + *rules_of(everywhere, false);
  auto library = find_library();
  if (library.empty())
    return {errc::bad_config, "libhublink_wrap.so is not beside hublink; set HUBLINK_WRAP_LIBRARY"};
  auto set = [](const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); };
  if (!options.user_file.empty()) {
    auto text = read_small_file(options.user_file);
    if (!text) return text.error();
    set("HUBLINK_WRAP_USER", text->substr(0, text->find('\n')));
  }
  auto* before = std::getenv("LD_PRELOAD");
  set("LD_PRELOAD", before && *before ? library + ":" + before : library);
  set("HUBLINK_WRAP_GATEWAY", to_string(*gateway));
  set("HUBLINK_WRAP_RULES", *direct + *taken);
  set("HUBLINK_WRAP_REPLY_S", std::to_string(options.reply_timeout_s));
  std::string names;
  for (const auto& pattern : options.names) names += (names.empty() ? "" : " ") + pattern;
  set("HUBLINK_WRAP_NAMES", names);
  return {};
}

int run_wrapped(const wrap_options& options) {
  auto refuse = [](const failure& why) {
    print(std::cerr, "hublink: {}\n", to_string(why));
    return 2;
  };
  if (options.command.empty())
    return refuse({errc::bad_config, {}, "name a program: hublink wrap -- COMMAND"});
  const auto& name = options.command.front();
  auto program = find_program(name);
  if (program.empty()) return refuse({errc::bad_config, {}, "there is no program " + name});
  if (auto fits = takes_preload(program); !fits) return refuse(fits.error());
  if (auto ready = set_environment(options); !ready) return refuse(ready.error());
  std::vector<char*> words;
  for (const auto& word : options.command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execv(program.c_str(), words.data());
  return refuse({errc::failed, {}, program + ": " + std::strerror(errno)});
}

} // namespace

void set_up_wrap(CLI::App& verb, int& exit) {
  auto options = std::make_shared<wrap_options>();
  verb.add_option("--gateway", options->gateway, "the gateway's SOCKS listener")
      ->envname("HUBLINK_GATEWAY")
      ->type_name("ADDRESS");
  verb.add_option("--only", options->only,
                  "destinations to take, such as 10.2.0.0/16 or 10.2.0.7:5432; the rest goes out directly "
                  "(default: all but loopback and link-local)")
      ->type_name("PATTERN")
      ->expected(1) // each time: the rest of the line is the program's
      ->take_all();
  verb.add_option("--direct", options->direct, "destinations not to take; they go before those of --only")
      ->type_name("PATTERN")
      ->expected(1) // each time: the rest of the line is the program's
      ->take_all();
  verb.add_option("--names", options->names,
                  "names to be looked up at the called side, such as '*.plant.example' ('*': all with a dot)")
      ->type_name("PATTERN")
      ->expected(1)
      ->take_all();
  verb.add_option("--user-file", options->user_file,
                  "a file with user:password, where the gateway wants one");
  verb.add_option("--reply-timeout", options->reply_timeout_s,
                  "seconds that replies to datagrams are awaited; 0: none")
      ->check(CLI::Range(0, 255))
      ->capture_default_str();
  verb.prefix_command(); // the program's own options are none of this verb's
  verb.footer("hublink wrap [OPTIONS] -- COMMAND [WORDS...]");
  verb.callback([options, &verb, &exit] {
    options->command = verb.remaining();
    exit = run_wrapped(*options);
  });
}

} // namespace hublink
