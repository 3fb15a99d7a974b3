#include "node/base/fault_point.hpp"
#include "node/base/ownership.hpp"
#include "node/base/printing.hpp"
#include "node/base/process_guard.hpp"
#include "node/base/small_file.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/load_topology.hpp"
#include "node/definition/definition_keeper.hpp"
#include "node/process/enrol.hpp"
#include "node/process/join.hpp"
#include "node/process/local_config.hpp"
#include "node/process/node_directory.hpp"
#include "node/process/node_process.hpp"
#include "node/process/own_places.hpp"
#include "node/topology/compiler.hpp"
#include "node/trust/keys.hpp"
#include "node/trust/revocations.hpp"

#include <csignal>
#include <cstdlib>
#include <iostream>

namespace hublink {

namespace {

constexpr int bad_start = 2;

struct run_options {
  std::string topology, node, role, data, keys, key, join, code;
};

int refuse(const failure& why) {
  print(std::cerr, "hublink: {}\n", to_string(why));
  return bad_start;
}

/// What the node begins with.
struct beginning {
  definition_ptr self;
  node_keys keys;
  std::string topology_text{};  ///< of that file
  definition_ptr by_operator{}; ///< of the topology file, whatever is in force; null: there is no such file
};

std::filesystem::path key_folder(const run_options& options) {
  return options.keys.empty() ? std::filesystem::path("keys") / options.node
                              : std::filesystem::path(options.keys);
}

std::filesystem::path data_folder(const run_options& options) {
  return options.data.empty() ? options.node : options.data;
}

/// Both folders that a node believes.
outcome<> check_folders(const run_options& options) {
  if (auto fine = check_node_directory(data_folder(options)); !fine) return fine;
  if (!options.key.empty())
    if (auto fine = only_ours_to_write(options.key); !fine) return fine;
  return check_key_folder(key_folder(options));
}

/// What the node took earlier, judged by the newest list of revoked certificates that it has.
outcome<std::optional<stored_definition>> load_stored(const run_options& options, const node_keys& keys) {
  auto data = data_folder(options);
  auto list = read_small_file(keys.crl_path);
  if (!list) return list.error();
  revocations lists{keys.ca, *list, data};
  if (auto opened = lists.open(); !opened) return opened.error();
  known_newest known{data, keys.id, keys.ca, [] { return std::chrono::system_clock::now(); }};
  if (auto opened = known.open(); !opened) return opened.error();
  return load_definition(data, options.node, *keys.ca, known);
}

/// By the topology file, or by what a manager applied since.
outcome<beginning> begin_by_file(const run_options& options, const topology& net) {
  auto* known = net.find(options.node);
  if (!known) return {errc::bad_config, options.topology + " has no node " + options.node};
  if (!options.role.empty() && role_from_string(options.role) != known->role)
    return {errc::bad_config, options.node + " is a " + std::string(to_string(*known->role)) + " in " +
                                  options.topology + ", not a " + options.role};
  auto keys = load_keys(key_folder(options), options.node, *known->role, std::chrono::system_clock::now(),
                        options.key, data_folder(options));
  if (!keys) return keys.error();
  auto data = data_folder(options);
  auto stored = load_stored(options, *keys);
  if (!stored) return stored.error();
  auto by_file = std::make_shared<const definition>(compile(net, options.node));
  auto text = read_topology_file(options.topology);
  if (!text) return text.error();
  if (!*stored) return beginning{by_file, std::move(*keys), std::move(*text), by_file};
  print(std::cerr, "hublink: {} goes by what its manager applied, not by {}; remove {} to go back to it\n",
        options.node, options.topology, (data / "definition.signed").string());
  return beginning{(*stored)->self, std::move(*keys), std::move(*text), by_file};
}

outcome<dial_address> joins_at(const run_options& options) {
  auto where = dial_address::parse(options.join);
  if (!where || where->port == 0)
    return {errc::bad_config,
            "--join takes an address such as 127.1.1.1:40000 or hub-a.plant.example:40000, not " +
                options.join};
  return *where;
}

/// With a code: the certificate first. One that is there already is not asked for again, so that the same
/// command line starts the node ever after.
outcome<> enrol(const run_options& options) {
  if (options.code.empty() || is_enrolled(key_folder(options))) return {};
  if (options.join.empty())
    return {errc::bad_config, "--code goes with --join ADDRESS: that is where the certificate comes from"};
  if (!options.key.empty())
    return {errc::bad_config, "--code makes the key in the key folder; leave --key out"};
  auto where = joins_at(options);
  if (!where) return where.error();
  auto code = invitation_code::read(options.code);
  if (!code) return code.error();
  auto waits = [&](const failure& why) {
    print(std::cerr, "hublink: {} waits for its certificate: {}\n", options.node, to_string(why));
  };
  auto done = enrol_node(
      {.node = options.node, .where = *where, .code = *code, .keys = key_folder(options), .waits = waits});
  if (!done) return done.error();
  print(std::cerr, "hublink: {} has its certificate, in {}\n", options.node, key_folder(options).string());
  return {};
}

/// By what was applied; it is fetched first where there is nothing yet.
outcome<beginning> begin_by_joining(const run_options& options) {
  auto where = joins_at(options);
  if (!where) return where.error();
  auto role = options.role.empty() ? std::nullopt : role_from_string(options.role);
  auto keys = load_keys(key_folder(options), options.node, role, std::chrono::system_clock::now(),
                        options.key, data_folder(options));
  if (!keys) return keys.error();
  auto stored = load_stored(options, *keys);
  if (stored && !*stored) {
    auto waits = [&](const failure& why) {
      print(std::cerr, "hublink: {} waits for its definition: {}\n", options.node, to_string(why));
    };
    if (auto joined = join_network({.node = options.node,
                                    .where = *where,
                                    .keys = *keys,
                                    .data = data_folder(options),
                                    .waits = waits});
        !joined)
      return joined.error();
    stored = load_stored(options, *keys);
  }
  if (!stored) return stored.error();
  return beginning{(*stored)->self, std::move(*keys)};
}

/// What definitions may name on this machine.
file_rules rules_for(const run_options& options, const beginning& began, const local_config& local) {
  auto secret_place =
      options.key.empty() ? key_folder(options) : std::filesystem::path{options.key}.parent_path();
  file_rules rules{.data = data_folder(options).string(), .keys = secret_place.string()};
  rules.mounts = local.mounts;
  if (local.roots) {
    rules.roots.insert(rules.roots.end(), local.roots->begin(), local.roots->end());
  } else if (began.by_operator) {
    for (const auto& [file, send] : began.by_operator->sends) rules.sources.insert(send.path);
    for (const auto& [file, receive] : began.by_operator->receives) rules.targets.insert(receive.path);
  }
  return rules;
}

/// A program that a definition could replace would be the manager's.
outcome<> check_programs(const job_table& jobs, const file_roots& roots) {
  for (const auto& [file, of_file] : jobs.by_file)
    for (const auto& [kind, job] : of_file) {
      const auto& program = job.command.front();
      if (program.find('/') != program.npos && roots.lets_write(program))
        return {errc::bad_config, "local.json, jobs." + file + "." + std::string{to_string(kind)} + ": " +
                                      program + " lies where definitions may put files; move it elsewhere"};
    }
  return {};
}

int serve(const run_options& options, const outcome<beginning>& began) {
  if (!began) return began.error().code == errc::cancelled ? 0 : refuse(began.error());
  auto data = data_folder(options);
  auto local = load_local_config(data);
  if (!local) return refuse(local.error());
  auto ready = [&] {
    print(std::cout, "ready {} {}\n", began->self->node, to_string(began->self->address));
    std::cout.flush();
  };
  auto places = places_to_listen(*began->self);
  if (!places) return refuse(places.error());
  node_options node;
  node.self = began->self;
  node.here = listening_at(began->self, *places);
  node.keys = began->keys;
  node.data = data;
  node.jobs = local->jobs;
  node.confine_jobs = local->confine_jobs;
  node.files = rules_for(options, *began, *local);
  node.arrivals = local->arrivals;
  node.web = local->web;
  node.spans = local->spans;
  node.topology_text = began->topology_text;
  if (auto fine = check_programs(local->jobs, file_roots{node.files}); !fine) return refuse(fine.error());
  if (auto ended = run_node(node, ready); !ended) return refuse(ended.error());
  return 0;
}

int run(const run_options& options) {
  std::signal(SIGHUP, SIG_IGN); // once there are files to open anew, it means that
  keep_memory_private();
  forget_passwords();
  std::signal(SIGXFSZ, SIG_IGN); // a write beyond `ulimit -f` is an error, not the end of the node
  if (auto armed = fault_point::arm(std::getenv("HUBLINK_FAULT")); !armed) return refuse(armed.error());
  if (options.topology.empty() == options.join.empty())
    return serve(options, {errc::bad_config, "run takes either a topology file or --join ADDRESS"});
  if (auto fine = check_folders(options); !fine) return refuse(fine.error());
  if (auto fine = enrol(options); !fine) return refuse(fine.error());
  if (!options.join.empty()) return serve(options, begin_by_joining(options));
  auto net = load_topology(options.topology); // says what is wrong
  return net ? serve(options, begin_by_file(options, *net)) : exit_code(net.error().code);
}

void set_up_run(CLI::App& verb, int& exit) {
  auto options = std::make_shared<run_options>();
  verb.add_option("NET.json", options->topology, "topology file");
  verb.add_option("--node", options->node, "the node's name")->required()->type_name("NAME");
  verb.add_option("--role", options->role, "must agree with the topology")
      ->check(CLI::IsMember({"manager", "server", "client"}));
  verb.add_option("--data", options->data, "the node's directory (default: ./NAME)")
      ->envname("HUBLINK_DATA")
      ->type_name("DIR");
  verb.add_option("--keys", options->keys, "its key folder, as hublink keys made it (default: ./keys/NAME)")
      ->type_name("DIR");
  verb.add_option("--key", options->key, "its private key, where that is not in the key folder: a credential")
      ->type_name("FILE");
  verb.add_option("--join", options->join,
                  "instead of a topology file: where to ask for the definition until there is one; the "
                  "address of the home server, for a server that of a neighbour")
      ->type_name("ADDRESS");
  verb.add_option(
          "--code", options->code,
          "with --join, where the node has no certificate yet: what hublink invite printed; the key is "
          "made here")
      ->envname("HUBLINK_CODE")
      ->type_name("CODE");
  verb.callback([options, &exit] { exit = run(*options); });
}

constexpr std::array run_examples{
    command_example{"hublink run net.json --node HOST1 --keys keys/HOST1", "HOST1, with its data in ./HOST1"},
    command_example{"hublink run --node HOST4 --join 10.1.0.1:40000 --keys keys/HOST4",
                    "its definition comes from its server"},
    command_example{"hublink run --node HOST4 --join 10.1.0.1:40000 --keys keys/HOST4 --code CODE",
                    "its certificate, too"},
};

} // namespace

constinit const command_row run_command{.name = "run",
                                        .does = "run a node in the foreground; SIGTERM ends it",
                                        .set_up = set_up_run,
                                        .examples = run_examples};

} // namespace hublink
