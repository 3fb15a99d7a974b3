#include "node/base/printing.hpp"
#include "node/base/small_file.hpp"
#include "node/commands/commands.hpp"
#include "node/setup/first_topology.hpp"
#include "node/topology/topology_check.hpp"

#include <filesystem>
#include <iostream>
#include <memory>
#include <unistd.h>

namespace hublink {

namespace {

struct init_options {
  std::string file = "net.json", network;
  std::vector<std::string> servers, clients, managers, links, transfers;
};

constexpr mode_t topology_mode = 0644;

template <class Each, class Read>
outcome<> read_each(const std::vector<std::string>& texts, const char* option, std::vector<Each>& into,
                    Read read) {
  for (const auto& text : texts) {
    auto value = read(text);
    if (!value) return {errc::bad_config, std::string{option} + ": " + value.error().text};
    into.push_back(*value);
  }
  return {};
}

outcome<first_network> described_by(const init_options& options) {
  first_network described{.network = options.network};
  auto fine = read_each(options.servers, "--server", described.servers, first_server::parse);
  if (fine) fine = read_each(options.managers, "--manager", described.managers, first_member::parse);
  if (fine) fine = read_each(options.clients, "--client", described.clients, first_member::parse);
  if (fine) fine = read_each(options.links, "--link", described.links, parse_first_link);
  if (fine) fine = read_each(options.transfers, "--transfer", described.transfers, first_transfer::parse);
  if (!fine) return fine.error();
  return described;
}

/// At a terminal, until an answer fits. An empty line ends a list.
class interview {
 public:
  outcome<first_network> ask() {
    first_network described;
    while (!is_name(described.network)) {
      auto line = next("name of the network (letters, digits, \".\", \"_\", \"-\")");
      if (!line) return ended();
      described.network = *line;
    }
    say("servers, each in reach of its clients; all others link to the first one");
    ask_each("NAME=ADDRESS, for example Head=10.1.0.1", described.servers, first_server::parse);
    say("clients, which send and receive");
    ask_each("NAME=ADDRESS@SERVER, for example Office=10.1.0.11@Head", described.clients,
             first_member::parse);
    say("managers, from where the network is steered");
    ask_each("NAME=ADDRESS@SERVER, for example Desk=10.1.0.9@Head", described.managers, first_member::parse);
    if (over_) return ended();
    return described;
  }

 private:
  static failure ended() {
    return {errc::bad_config, {}, "nothing was written: the answers ended too early"};
  }
  static void say(const char* text) { print(std::cerr, "{}\n", text); }

  std::optional<std::string> next(const std::string& prompt) {
    print(std::cerr, "{}: ", prompt);
    std::cerr.flush();
    std::string line;
    over_ = over_ || !std::getline(std::cin, line);
    if (over_) return {};
    return line;
  }

  template <class Each, class Read>
  void ask_each(const std::string& prompt, std::vector<Each>& into, Read read) {
    for (auto line = next("  " + prompt); line && !line->empty(); line = next("  next, or an empty line")) {
      auto value = read(*line);
      if (value)
        into.push_back(*value);
      else
        print(std::cerr, "  {}\n", value.error().text);
    }
  }

  bool over_ = false;
};

int no_network(const failure& why) {
  print(std::cerr, "hublink: {}\n", to_string(why));
  return exit_code(why.code);
}

/// Each server once, with what has to get through to it.
void say_who_dials(const topology& net) {
  for (const auto& [name, node] : net.nodes)
    if (node.role == role::server && node.address)
      print(std::cerr, "{} is dialled at {} (TCP) by its neighbours and its clients\n", name,
            to_string(*node.address));
}

int write_network(const init_options& options, const first_network& described) {
  auto text = topology_text(described);
  auto checked = parse_and_check(text);
  for (const auto& each : checked.problems) print(std::cerr, "{}\n", to_string(each));
  if (!checked.problems.empty()) return exit_code(errc::bad_config);
  if (auto written = write_small_file(options.file, text, topology_mode); !written)
    return no_network(written.error());
  print(std::cout, "{}\n", options.file);
  say_who_dials(checked.value);
  for (const auto& [file, transfer] : checked.value.transfers)
    print(std::cerr, "{} goes from {} to {}: hublink plan {} {} shows the way\n", file, transfer.from,
          transfer.to.front(), options.file, file);
  print(std::cerr, "next: hublink keys {} --out keys\n", options.file);
  return 0;
}

int init(const init_options& options) {
  std::error_code ignored;
  if (std::filesystem::exists(options.file, ignored))
    return no_network({errc::bad_config, {}, options.file + " is there already; name another file"});
  bool given = !options.network.empty() || !options.servers.empty();
  if (!given && !::isatty(STDIN_FILENO))
    return no_network(
        {errc::bad_config,
         {},
         "init needs at least --network NAME and --server NAME=ADDRESS, or a terminal to ask at"});
  if (given && options.network.empty())
    return no_network({errc::bad_config, {}, "--network is missing: the name of the network"});
  auto described = given ? described_by(options) : interview{}.ask();
  return described ? write_network(options, *described) : no_network(described.error());
}

void set_up_init(CLI::App& verb, int& exit) {
  auto options = std::make_shared<init_options>();
  auto each = [&](const char* name, std::vector<std::string>& into, const char* form, const char* help) {
    verb.add_option(name, into, help)->type_name(form)->allow_extra_args(false);
  };
  verb.add_option("NET.json", options->file, "the file to write")->capture_default_str();
  verb.add_option("--network", options->network, "its name (without this and --server: it asks)")
      ->type_name("NAME");
  each("--server", options->servers, "NAME=ADDRESS", "a server, each time; without a port: 40000");
  each("--client", options->clients, "NAME=ADDRESS@SERVER",
       "a client, each time; with \",out\" behind it, if nobody can dial it (behind NAT)");
  each("--manager", options->managers, "NAME=ADDRESS@SERVER", "a manager, each time");
  each("--link", options->links, "SERVER,SERVER",
       "two servers that dial each other, each time (default: each one and the first)");
  each("--transfer", options->transfers, "FILE=FROM:TO[,TO]",
       "what is sent, each time (default: the first two clients send each other a file)");
  verb.callback([options, &exit] { exit = init(*options); });
}

constexpr std::array init_examples{
    command_example{
        "hublink init net.json --network plants --server Head=10.1.0.1 --client Office=10.1.0.11@Head",
        "a topology of one server and one client"},
    command_example{"hublink init", "the same by questions, into net.json"},
};

} // namespace

constinit const command_row init_command{
    .name = "init",
    .does = "write the topology file of a network that begins, from a few words or questions",
    .set_up = set_up_init,
    .examples = init_examples};

} // namespace hublink
