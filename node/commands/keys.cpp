#include "node/trust/keys.hpp"
#include "node/base/printing.hpp"
#include "node/base/process_guard.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/load_topology.hpp"
#include "node/commands/passphrase.hpp"
#include "node/trust/certificate_list.hpp"
#include "node/trust/recipient_certificates.hpp"

#include <iostream>

namespace hublink {
namespace {

struct keys_options {
  std::string topology, name, out;
  int days = 730;
  passphrase_options passphrase;
};

int fail(const failure& why) {
  print(std::cerr, "{}\n", to_string(why));
  return exit_code(why.code);
}

/// What goes where, and until when.
void say_what_to_do(const keys_order& order, bool made_some, const std::string& topology) {
  auto listing = list_certificates(order.out, std::chrono::system_clock::now());
  if (!listing) return print(std::cerr, "{}\n", to_string(listing.error()));
  std::optional<trust::clock_time> first;
  for (const auto& each : listing->nodes)
    if (each.until && (!first || *each.until < *first)) first = each.until;
  if (first)
    print(std::cerr, "valid until {}, the first of them{}\n", date_of(*first),
          listing->ca_until ? "; the CA until " + date_of(*listing->ca_until) : "");
  if (!made_some) return;
  auto out = order.out.lexically_normal().string();
  print(std::cerr,
        "{}/NODE goes to the machine of NODE and nowhere else: hublink bundle --net {} --keys {} makes one "
        "file "
        "for each\n"
        "{}/ca stays with you, at best offline: whoever has its key can make nodes; no node needs it\n",
        out, topology, out, out);
}

int make(const keys_options& options) {
  auto network = load_topology(options.topology);
  if (!network) return exit_code(network.error().code);
  keys_order order{.out = options.out,
                   .network = network->network,
                   .days = options.days,
                   .passphrase = passphrase_by(options.passphrase)};
  std::set<std::string> all;
  for (auto& [sender, names] : broadcast_recipients(*network)) {
    order.recipients[sender].assign(names.begin(), names.end());
    all.insert(names.begin(), names.end());
  }
  for (auto& [name, node] : network->nodes) {
    order.nodes.emplace_back(name, node.role.value_or(role::client));
    if (node.role == role::manager && !all.empty()) order.recipients[name].assign(all.begin(), all.end());
  }
  auto report = make_keys(order, std::chrono::system_clock::now());
  if (!report) return fail(report.error());
  for (auto& name : report->made) print(std::cout, "made {}\n", (order.out / name).string());
  print(std::cerr, "{} made, {} kept\n", report->made.size(), order.nodes.size() - report->made.size());
  say_what_to_do(order, !report->made.empty(), options.topology);
  for (auto& line : report->problems) print(std::cerr, "{}\n", line);
  return report->problems.empty() ? 0 : exit_code(errc::bad_config);
}

int revoke(const keys_options& options) {
  auto renewed = revoke_keys(options.out, options.name, std::chrono::system_clock::now(),
                             passphrase_by(options.passphrase));
  if (!renewed) return fail(renewed.error());
  for (auto& folder : *renewed) print(std::cout, "renewed {}/{}/crl.pem\n", options.out, folder);
  print(std::cerr, "{} is revoked; nodes elsewhere need the new crl.pem, and a restart to read it\n",
        options.name);
  return 0;
}

int lock(keys_options options) {
  options.passphrase.needed = true;
  if (auto locked = lock_ca(options.out, passphrase_by(options.passphrase)); !locked)
    return fail(locked.error());
  print(std::cerr, "{}/ca/key.pem is encrypted; copies of it from before are not\n", options.out);
  return 0;
}

void set_up_keys(CLI::App& verb, int& exit) {
  auto options = std::make_shared<keys_options>();
  auto* topology = verb.add_option("NET.json", options->topology, "topology file");
  auto* out = verb.add_option("--out", options->out, "folder of the CA and of the nodes' folders");
  verb.add_option("--days", options->days, "validity of new nodes' certificates")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  add_passphrase_option(verb, options->passphrase);
  verb.add_flag("--no-passphrase", options->passphrase.none,
                "a CA that is made now: its key is not encrypted");
  auto* revoked =
      verb.add_subcommand("revoke", "put a node's certificates on the revocation list, in all folders");
  revoked->add_option("NAME", options->name, "the node")->required();
  revoked->add_option("--out", options->out, "folder of the CA and of the nodes' folders")->required();
  add_passphrase_option(*revoked, options->passphrase);
  auto* locked = verb.add_subcommand("lock", "encrypt the key of a CA that was made without a passphrase");
  locked->add_option("--out", options->out, "folder of the CA and of the nodes' folders")->required();
  add_passphrase_option(*locked, options->passphrase);
  verb.callback([=, &exit] {
    keep_memory_private();
    if (*revoked || *locked) {
      exit = *revoked ? revoke(*options) : lock(*options);
      return;
    }
    for (auto* needed : {topology, out})
      if (needed->count() == 0) throw CLI::RequiredError(needed->get_name());
    exit = make(*options);
  });
}

constexpr std::array keys_examples{
    command_example{"hublink keys net.json --out keys", "the CA, if there is none yet, and what nodes lack"},
    command_example{"hublink keys revoke HOST1 --out keys", "HOST1's certificates count no more"},
};

} // namespace

constinit const command_row keys_command{
    .name = "keys",
    .does = "make a private CA and a key folder for every node; keeps what is there",
    .set_up = set_up_keys,
    .examples = keys_examples};

} // namespace hublink
