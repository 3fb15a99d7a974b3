#include "node/base/fault_point.hpp"
#include "node/base/small_file.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/load_topology.hpp"
#include "node/definition/definition_keeper.hpp"
#include "node/process/join.hpp"
#include "node/process/local_config.hpp"
#include "node/process/node_process.hpp"
#include "node/topology/compiler.hpp"
#include "node/trust/keys.hpp"
#include "node/trust/revocations.hpp"

#include <cstdlib>
#include <iostream>

namespace hublink {

namespace {

constexpr int bad_start = 2;

struct run_options {
  std::string topology, node, role, data, keys, join;
};

int refuse(const failure& why) {
  std::cerr << "hublink: " << to_string(why) << "\n";
  return bad_start;
}

/// What the node begins with.
struct beginning {
  definition_ptr self;
  node_keys keys;
};

std::filesystem::path key_folder(const run_options& options) {
  return options.keys.empty() ? std::filesystem::path("keys") / options.node
                              : std::filesystem::path(options.keys);
}

std::filesystem::path data_folder(const run_options& options) {
  return options.data.empty() ? options.node : options.data;
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
  auto keys = load_keys(key_folder(options), options.node, *known->role, std::chrono::system_clock::now());
  if (!keys) return keys.error();
  auto data = data_folder(options);
  auto stored = load_stored(options, *keys);
  if (!stored) return stored.error();
  if (!*stored)
    return beginning{std::make_shared<const definition>(compile(net, options.node)), std::move(*keys)};
  std::cerr << "hublink: " << options.node << " goes by what its manager applied, not by " << options.topology
            << "; remove " << (data / "definition.signed").string() << " to go back to it\n";
  return beginning{(*stored)->self, std::move(*keys)};
}

/// By what was applied; it is fetched first where there is nothing yet.
outcome<beginning> begin_by_joining(const run_options& options) {
  auto where = endpoint::parse(options.join);
  if (!where || where->port == 0)
    return {errc::bad_config, "--join takes an address such as 127.1.1.1:40000, not " + options.join};
  auto role = options.role.empty() ? std::nullopt : role_from_string(options.role);
  auto keys = load_keys(key_folder(options), options.node, role, std::chrono::system_clock::now());
  if (!keys) return keys.error();
  auto stored = load_stored(options, *keys);
  if (stored && !*stored) {
    auto waits = [&](const failure& why) {
      std::cerr << "hublink: " << options.node << " waits for its definition: " << to_string(why)
                << std::endl;
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

int serve(const run_options& options, const outcome<beginning>& began) {
  if (!began) return began.error().code == errc::cancelled ? 0 : refuse(began.error());
  auto data = data_folder(options);
  auto local = load_local_config(data, *began->self);
  if (!local) return refuse(local.error());
  auto ready = [&] {
    std::cout << "ready " << began->self->node << " " << to_string(began->self->address) << std::endl;
  };
  node_options node;
  node.self = began->self;
  node.keys = began->keys;
  node.data = data;
  node.jobs = local->jobs;
  if (auto ended = run_node(node, ready); !ended) return refuse(ended.error());
  return 0;
}

int run(const run_options& options) {
  if (auto armed = fault_point::arm(std::getenv("HUBLINK_FAULT")); !armed) return refuse(armed.error());
  if (options.topology.empty() == options.join.empty())
    return serve(options, {errc::bad_config, "run takes either a topology file or --join ADDRESS"});
  if (!options.join.empty()) return serve(options, begin_by_joining(options));
  auto net = load_topology(options.topology); // says what is wrong
  return net ? serve(options, begin_by_file(options, *net)) : exit_code(net.error().code);
}

} // namespace

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
  verb.add_option("--join", options->join,
                  "instead of a topology file: where to ask for the definition until there is one; the "
                  "address of the home server, for a server that of a neighbour")
      ->type_name("ADDRESS");
  verb.callback([options, &exit] { exit = run(*options); });
}

} // namespace hublink
