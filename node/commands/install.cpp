#include "node/base/printing.hpp"
#include "node/base/process_guard.hpp"
#include "node/base/small_file.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/password.hpp"
#include "node/setup/installation.hpp"

#include <cerrno>
#include <cstring>
#include <iostream>
#include <memory>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hublink {

namespace {

struct install_options {
  std::string bundle, root, user = "hublink", password_file;
  bool no_start = false;
};

constexpr std::size_t largest_bundle = 128 << 20;

int not_installed(const failure& why) {
  print(std::cerr, "hublink: {}\n", to_string(why));
  return exit_code(why.code);
}

outcome<bundle> open_bundle(const install_options& options) {
  auto text = read_small_file(options.bundle, largest_bundle);
  if (!text) return {errc::bad_config, text.error().text};
  auto packed = read_bundle(*text);
  wipe(*text);
  if (!packed) return {errc::bad_config, options.bundle + " " + packed.error().text};
  if (!is_locked(*packed)) return packed;
  auto given = read_password(options.password_file, "password of the bundle", false);
  if (!given) return given.error();
  if (auto opened = unlock(*packed, secret{std::move(*given)}); !opened)
    return {errc::bad_config, options.bundle + ": " + opened.error().text};
  return packed;
}

/// What sd_booted(3) looks at.
bool systemd_runs() { return ::access("/run/systemd/system", F_OK) == 0; }

outcome<> call_systemctl(std::vector<std::string> words) {
  words.insert(words.begin(), "systemctl");
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  if (int problem = ::posix_spawnp(&child, "systemctl", nullptr, nullptr, argv.data(), environ); problem != 0)
    return {errc::failed, "systemctl can't be started: " + std::string{std::strerror(problem)}};
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return {errc::failed, "systemctl " + words[1] + " " + words[2] + " failed; see journalctl -u " + words[2]};
}

outcome<> start_unit(const std::string& node) {
  auto unit = "hublink@" + node + ".service";
  if (auto enabled = call_systemctl({"enable", unit}); !enabled) return enabled;
  return call_systemctl({"restart", unit});
}

int say_what_is_there(const install_options& options, const bundle& packed, const installation& made) {
  print(std::cout, "{} {} {}\n", packed.node, made.config.string(), made.data.string());
  if (!made.listens.empty() && packed.role == role::server)
    print(std::cerr, "let TCP to {} through this machine's firewall\n", made.listens);
  print(std::cerr, "{} holds a private key: remove it\n", options.bundle);
  if (!options.root.empty() || options.no_start) return 0;
  if (!systemd_runs()) {
    print(std::cerr,
          "systemd does not run here; the node starts with: hublink run {} --node {} --keys {} --data {}\n",
          packed.topology.empty() ? "--join " + packed.join : (made.config / "net.json").string(),
          packed.node, made.config.string(), made.data.string());
    return 0;
  }
  auto started = start_unit(packed.node);
  if (!started) return not_installed(started.error());
  print(std::cerr, "hublink@{} runs, and will at each start of the machine\n", packed.node);
  return 0;
}

int install(const install_options& options) {
  auto packed = open_bundle(options);
  if (!packed) return not_installed(packed.error());
  installation_places where;
  std::optional<file_owner> owner;
  if (!options.root.empty()) {
    where.seen_etc = where.etc;
    where.etc = std::filesystem::path{options.root} / where.etc.relative_path();
    where.state = std::filesystem::path{options.root} / where.state.relative_path();
  } else if (::geteuid() != 0) {
    return not_installed(
        {errc::bad_config, {}, "install writes to /etc and /var/lib: run it as root, or give --root DIR"});
  } else {
    auto found = node_account(options.user);
    if (!found) return not_installed(found.error());
    owner = *found;
  }
  auto made = install_bundle(*packed, where, owner, std::chrono::system_clock::now());
  if (!made) return not_installed({made.error().code, {}, options.bundle + ": " + made.error().text});
  return say_what_is_there(options, *packed, *made);
}

void set_up_install(CLI::App& verb, int& exit) {
  auto options = std::make_shared<install_options>();
  verb.add_option("BUNDLE", options->bundle, "as hublink bundle made it for this machine")->required();
  verb.add_option("--root", options->root, "puts it below DIR, for an image; nothing is started")
      ->type_name("DIR");
  verb.add_option("--user", options->user, "who the node runs as")->type_name("NAME")->capture_default_str();
  verb.add_flag("--no-start", options->no_start, "the unit is neither enabled nor started");
  add_password_option(verb, options->password_file);
  verb.callback([options, &exit] {
    keep_memory_private();
    exit = install(*options);
  });
}

constexpr std::array install_examples{
    command_example{"sudo hublink install HOST1.bundle", "HOST1 runs here from now on"},
};

} // namespace

constinit const command_row install_command{.name = "install",
                                            .does =
                                                "put a bundle in place on this machine, and start its node",
                                            .set_up = set_up_install,
                                            .examples = install_examples};

} // namespace hublink
