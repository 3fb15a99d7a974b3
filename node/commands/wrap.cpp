#include "node/base/printing.hpp"
#include "node/base/program_check.hpp"
#include "node/base/small_file.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/wrap_environment.hpp"
#include "node/enclosure/enclosure.hpp"

#include <csignal>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <sys/mman.h>
#include <unistd.h>

/// Of the preloaded library, where this process runs with it.
extern "C" [[gnu::weak]] void hublink_wrap_settings_changed();

namespace hublink {

namespace {

/// HUBLINK_WRAP_LIBRARY, or beside the executable, as built, or where it is installed.
outcome<std::string> find_library() {
  std::vector<std::filesystem::path> places;
  std::error_code error;
  auto* own = std::getenv("HUBLINK_WRAP_LIBRARY");
  if (own) {
    places = {own};
  } else {
    auto folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    places = {folder / "libhublink_wrap.so", folder / ".." / HUBLINK_WRAP_DIR / "libhublink_wrap.so"};
  }
  for (const auto& place : places) {
    if (!std::filesystem::is_regular_file(place, error)) continue;
    auto library = std::filesystem::canonical(place, error).string();
    // The loader takes these apart, finds nothing, and starts the program without the library.
    if (library.find_first_of(" :$") != library.npos)
      return {errc::bad_config,
              library + " can't be preloaded: a blank, ':' or '$' is in its path; put it elsewhere, and set "
                        "HUBLINK_WRAP_LIBRARY"};
    return library;
  }
  if (own) return {errc::bad_config, "there is no library " + std::string{own} + " (HUBLINK_WRAP_LIBRARY)"};
  return {errc::bad_config,
          "libhublink_wrap.so is not beside hublink; install hublink-wrap, or set HUBLINK_WRAP_LIBRARY"};
}

outcome<std::optional<std::string>> read_user_file(const wrap_options& options) {
  if (options.user_file.empty()) return std::optional<std::string>{};
  auto text = read_small_file(options.user_file);
  if (!text) return text.error();
  return std::optional{std::move(*text)};
}

/// Where children read it as well, in whatever directory: itself, or of a pipe a copy that they inherit.
outcome<std::string> lasting_file(const std::string& file, const std::string& text) {
  std::error_code error;
  auto path = std::filesystem::canonical(file, error);
  if (!error && std::filesystem::is_regular_file(path, error)) return path.string();
  auto copy = ::memfd_create("hublink-user", 0);
  if (copy < 0 || ::write(copy, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return {errc::failed, file + " can't be kept: " + std::strerror(errno)};
  return "/proc/self/fd/" + std::to_string(copy);
}

outcome<> set_environment(wrap_options options) {
  auto user = read_user_file(options);
  if (!user) return user.error();
  if (*user) {
    if (auto fits = wrap_environment(options, *user); !fits)
      return fits.error(); // it names the file as given
    auto file = lasting_file(options.user_file, **user);
    if (!file) return file.error();
    options.user_file = *file;
  }
  auto variables = wrap_environment(options, *user);
  if (!variables) return variables.error();
  auto library = find_library();
  if (!library) return library.error();
  auto* before = std::getenv("LD_PRELOAD");
  variables->emplace_back("LD_PRELOAD", before && *before ? *library + ":" + before : *library);
  variables->emplace_back("HUBLINK_WRAP_ALLOW_DIRECT",
                          options.allow_direct ? std::optional<std::string>{"1"} : std::nullopt);
  for (const auto& [name, value] : *variables) {
    auto failed = value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
    if (failed) return {errc::failed, name + " can't be set: " + std::strerror(errno)};
  }
  if (hublink_wrap_settings_changed) hublink_wrap_settings_changed();
  return {};
}

outcome<> enclose(const wrap_options& options) {
  if (options.replies_from != "destination")
    return {errc::bad_config,
            "--strict has replies to datagrams from their destination alone; leave out --replies-from " +
                options.replies_from};
  auto user = read_user_file(options);
  if (!user) return user.error();
  auto credentials = wrap_user(options, *user);
  if (!credentials) return credentials.error();
  auto gateway = wrap_gateway(options);
  if (!gateway) return gateway.error();
  auto rules = wrap_rules(options);
  if (!rules) return rules.error();
  if (auto names = check_wrap_names(options); !names) return names.error();
  enclosure_settings settings{{.where = *gateway,
                               .reply_timeout_s = static_cast<std::uint16_t>(options.reply_timeout_s),
                               .replies_extend = options.replies_extend},
                              {std::move(*rules), !options.only.empty()},
                              options.names};
  if (auto colon = credentials->find(':'); colon != credentials->npos) {
    settings.gateway.user = credentials->substr(0, colon);
    settings.gateway.password = secret{credentials->substr(colon + 1)};
  }
  return enter_enclosure(std::move(settings));
}

/// Everything that a program has to take out with it goes by the gateway.
outcome<> prepare(const wrap_options& options, const std::string& program) {
  if (options.strict) return enclose(options);
  if (auto fits = takes_preload(program); !fits) return fits;
  return set_environment(options);
}

int run_wrapped(const wrap_options& options, const std::vector<std::string>& command) {
  auto refuse = [](const failure& why) {
    print(std::cerr, "hublink: {}\n", to_string(why));
    return 2;
  };
  if (command.empty()) return refuse({errc::bad_config, {}, "name a program: hublink wrap -- COMMAND"});
  const auto& name = command.front();
  auto program = find_program(name);
  if (program.empty()) return refuse({errc::bad_config, {}, "there is no program " + name});
  if (auto ready = prepare(options, program); !ready) return refuse(ready.error());
  std::vector<char*> words;
  for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  std::signal(SIGPIPE, SIG_DFL); // which `main` ignores; the program is to begin as without hublink
  ::execv(program.c_str(), words.data());
  return refuse({errc::failed, {}, program + ": " + std::strerror(errno)});
}

void set_up_wrap(CLI::App& verb, const std::vector<std::string>& program, int& exit) {
  auto options = std::make_shared<wrap_options>();
  verb.add_option("--gateway", options->gateway, "the gateway's SOCKS listener")
      ->envname("HUBLINK_GATEWAY")
      ->type_name("ADDRESS");
  verb.add_option("--only", options->only,
                  "destinations to take, such as 10.2.0.0/16 or 10.2.0.7:5432; the rest goes out directly "
                  "(default: all but loopback and link-local)")
      ->type_name("PATTERN")
      ->expected(1) // each time
      ->take_all();
  verb.add_option("--direct", options->direct, "destinations not to take; they go before those of --only")
      ->type_name("PATTERN")
      ->expected(1) // each time
      ->take_all();
  verb.add_option("--names", options->names,
                  "names to be looked up at the called side, such as '*.plant.example' ('*': all with a dot)")
      ->type_name("PATTERN")
      ->expected(1) // each time
      ->take_all();
  verb.add_option("--user-file", options->user_file,
                  "a file with user:password, where the gateway wants one");
  verb.add_option("--reply-timeout", options->reply_timeout_s,
                  "seconds that replies to datagrams are awaited; 0: none")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  verb.add_option("--replies-from", options->replies_from,
                  "who may reply to datagrams: their destination, any port of its host (TFTP), or anybody")
      ->check(CLI::IsMember({"destination", "host", "any"}))
      ->capture_default_str();
  verb.add_flag("--replies-extend", options->replies_extend,
                "a reply sets the time anew, too: for servers that go on sending");
  verb.add_flag("--strict", options->strict,
                "in a network namespace with the gateway as the only way out: takes every program");
  verb.add_flag("--allow-direct", options->allow_direct,
                "children that can't be taken run all the same, and go out directly");
  verb.footer("hublink wrap [OPTIONS] [--] COMMAND [WORDS...]");
  verb.callback([options, &program, &exit] { exit = run_wrapped(*options, program); });
}

constexpr std::array wrap_examples{
    command_example{"hublink wrap --gateway 10.1.0.1:1080 -- psql -h db.plant.example",
                    "psql's connections go through the gateway"},
};

} // namespace

constinit const command_row wrap_command{
    .name = "wrap",
    .does = "run a program whose connections and datagrams go through the calling gateway",
    .set_up_program = set_up_wrap,
    .examples = wrap_examples};

} // namespace hublink
