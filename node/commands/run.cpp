#include "node/commands/commands.hpp"
#include "node/commands/load.hpp"
#include "node/compiler.hpp"
#include "node/definition_keeper.hpp"
#include "node/fault_point.hpp"
#include "node/keys.hpp"
#include "node/local_config.hpp"
#include "node/node_process.hpp"

#include <cstdlib>
#include <iostream>

namespace hublink {

namespace {

constexpr int bad_start = 2;

struct run_options {
  std::string topology, node, role, data, keys;
};

int refuse(const failure& why) {
  std::cerr << "hublink: " << to_string(why) << "\n";
  return bad_start;
}

int run(const run_options& options) {
  if (auto armed = fault_point::arm(std::getenv("HUBLINK_FAULT")); !armed) return refuse(armed.error());
  auto net = load_topology(options.topology);
  if (!net) return exit_code(net.error().code);
  auto* known = net->find(options.node);
  if (!known) return refuse({errc::bad_config, {}, options.topology + " has no node " + options.node});
  if (!options.role.empty() && role_from_string(options.role) != known->role)
    return refuse({errc::bad_config,
                   {},
                   options.node + " is a " + std::string(to_string(*known->role)) + " in " +
                       options.topology + ", not a " + options.role});
  definition_ptr self = std::make_shared<definition>(compile(*net, options.node));
  auto folder = options.keys.empty() ? std::filesystem::path("keys") / options.node
                                     : std::filesystem::path(options.keys);
  auto keys = load_keys(folder, options.node, self->role, std::chrono::system_clock::now());
  if (!keys) return refuse(keys.error());
  auto data = options.data.empty() ? options.node : options.data;
  auto stored = load_definition(data, options.node, *keys->ca);
  if (!stored) return refuse(stored.error());
  if (*stored) {
    self = (*stored)->self;
    std::cerr << "hublink: " << options.node << " goes by what its manager applied, not by "
              << options.topology << "; remove " << data << "/definition.signed to go back to it\n";
  }
  auto local = load_local_config(data, *self);
  if (!local) return refuse(local.error());
  auto ready = [&] { std::cout << "ready " << self->node << " " << to_string(self->address) << std::endl; };
  if (auto ended = run_node({self, *keys, data, local->jobs}, ready); !ended) return refuse(ended.error());
  return 0;
}

} // namespace

void add_run(CLI::App& app, int& exit) {
  auto options = std::make_shared<run_options>();
  auto* verb = app.add_subcommand("run", "run a node in the foreground; SIGTERM ends it");
  verb->add_option("NET.json", options->topology, "topology file")->required();
  verb->add_option("--node", options->node, "the node's name in the topology")->required()->type_name("NAME");
  verb->add_option("--role", options->role, "must agree with the topology")
      ->check(CLI::IsMember({"manager", "server", "client"}));
  verb->add_option("--data", options->data, "the node's directory (default: ./NAME)")
      ->envname("HUBLINK_DATA")
      ->type_name("DIR");
  verb->add_option("--keys", options->keys, "its key folder, as hublink keys made it (default: ./keys/NAME)")
      ->type_name("DIR");
  verb->callback([options, &exit] { exit = run(*options); });
}

} // namespace hublink
