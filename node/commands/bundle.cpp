#include "node/setup/bundle.hpp"
#include "node/base/printing.hpp"
#include "node/base/process_guard.hpp"
#include "node/base/small_file.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/load_topology.hpp"
#include "node/commands/password.hpp"
#include "node/topology/topology_check.hpp"
#include "node/trust/keys.hpp"

#include <iostream>
#include <memory>

namespace hublink {

namespace {

struct bundle_options {
  std::vector<std::string> nodes;
  std::string topology = "net.json", keys = "keys", out = ".", password_file;
  bool join = false, locked = false;
};

constexpr mode_t bundle_mode = 0600; // there is a private key in it

int no_bundles(const failure& why) {
  print(std::cerr, "hublink: {}\n", to_string(why));
  return exit_code(why.code);
}

/// Where a node without the file asks first: its home server, a server the first of its neighbours.
outcome<std::string> asks_at(const topology& net, const std::string& name) {
  const auto& node = *net.find(name);
  auto home = node.home;
  if (node.role == role::server)
    for (const auto& [other, there] : net.nodes)
      if (home.empty() && there.role == role::server && other != name &&
          (node.neighbours.contains(other) || there.neighbours.contains(name)))
        home = other;
  auto* there = net.find(home);
  if (!there || !there->address)
    return {errc::bad_config,
            name + " has nobody to ask; leave --join out, so that the topology goes with it"};
  return to_string(*there->address);
}

outcome<bundle> pack(const bundle_options& options, const topology& net, const std::string& text,
                     const std::string& name, const secret& password) {
  auto* known = net.find(name);
  if (!known) return {errc::bad_config, options.topology + " has no node " + name};
  auto folder = std::filesystem::path{options.keys} / name;
  bundle packed{.network = net.network, .node = name, .role = *known->role};
  if (auto good = load_keys(folder, name, packed.role, std::chrono::system_clock::now()); !good)
    return {errc::bad_config, good.error().text + " (hublink keys makes and lists them)"};
  auto keys = read_key_folder(folder);
  if (!keys) return keys.error();
  packed.keys = std::move(*keys);
  if (options.join) {
    auto where = asks_at(net, name);
    if (!where) return where.error();
    packed.join = *where;
  } else {
    packed.topology = text;
  }
  if (!password.empty())
    if (auto locked = lock(packed, password); !locked) return locked.error();
  return packed;
}

int write_bundles(const bundle_options& options) {
  auto net = load_topology(options.topology);
  if (!net) return exit_code(net.error().code);
  auto text = read_topology_file(options.topology);
  if (!text) return no_bundles(text.error());
  secret password;
  if (options.locked || !options.password_file.empty()) {
    auto given = read_password(options.password_file, "password of the bundles", true);
    if (!given) return no_bundles(given.error());
    password = secret{std::move(*given)};
    if (password.empty()) return no_bundles({errc::bad_config, {}, "the password is empty"});
  }
  auto nodes = options.nodes;
  if (nodes.empty())
    for (const auto& [name, node] : net->nodes) nodes.push_back(name);
  for (const auto& name : nodes) {
    auto packed = pack(options, *net, *text, name, password);
    if (!packed) return no_bundles(packed.error());
    auto path = std::filesystem::path{options.out} / (name + ".bundle");
    if (auto written = write_small_file(path, bundle_text(*packed), bundle_mode); !written)
      return no_bundles(written.error());
    print(std::cout, "{}\n", path.lexically_normal().string());
  }
  print(std::cerr, "bring each to its own machine, by a way that nobody else reads, and there: sudo hublink "
                   "install NODE.bundle\n");
  if (password.empty())
    print(std::cerr, "each holds its node's private key as it is; --locked encrypts it with a password\n");
  return 0;
}

void set_up_bundle(CLI::App& verb, int& exit) {
  auto options = std::make_shared<bundle_options>();
  verb.add_option("NODE", options->nodes, "the nodes; none: all of the topology");
  verb.add_option("--net", options->topology, "the topology file")
      ->type_name("NET.json")
      ->capture_default_str();
  verb.add_option("--keys", options->keys, "the folder that hublink keys made")
      ->type_name("DIR")
      ->capture_default_str();
  verb.add_option("--out", options->out, "where the bundles go")->type_name("DIR")->capture_default_str();
  verb.add_flag("--join", options->join,
                "without the topology: the node asks its server for its definition, once that was applied");
  verb.add_flag("--locked", options->locked, "the private key is encrypted with a password");
  add_password_option(verb, options->password_file);
  verb.callback([options, &exit] {
    keep_memory_private();
    exit = write_bundles(*options);
  });
}

constexpr std::array bundle_examples{
    command_example{"hublink bundle HOST1 --net net.json --keys keys", "makes HOST1.bundle"},
    command_example{"hublink bundle --locked", "all nodes', their keys encrypted with a password"},
};

} // namespace

constinit const command_row bundle_command{.name = "bundle",
                                           .does = "make the one file that a machine needs to become a node",
                                           .set_up = set_up_bundle,
                                           .examples = bundle_examples};

} // namespace hublink
