#include "node/trust/keys.hpp"
#include "node/base/printing.hpp"
#include "node/base/process_guard.hpp"
#include "node/base/small_file.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/load_topology.hpp"
#include "node/commands/passphrase.hpp"
#include "node/process/enrol.hpp"
#include "node/trust/certificate_list.hpp"
#include "node/trust/recipient_certificates.hpp"

#include <array>
#include <iostream>

namespace hublink {
namespace {

struct keys_options {
  std::string topology, name, out, data;
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
  print(std::cerr,
        "{} is revoked here; no node knows it yet: bring {}/ca/crl.pem to a logged-in manager, and there "
        "hublink revoke --list crl.pem\n",
        options.name, options.out);
  return 0;
}

int lock(const keys_options& options) {
  auto how = options.passphrase;
  how.needed = true;
  if (auto locked = lock_ca(options.out, passphrase_by(how)); !locked) return fail(locked.error());
  print(std::cerr, "{}/ca/key.pem is encrypted; copies of it from before are not\n", options.out);
  return 0;
}

/// On the node's own machine: the key stays, the request goes to the CA.
int request(const keys_options& options) {
  auto folder = std::filesystem::path{options.out} / options.name;
  if (auto usable = check_node_name(options.name); !usable) return fail(usable.error());
  if (is_enrolled(folder))
    return fail({errc::bad_config,
                 {},
                 folder.string() + " has a certificate already; name another --out for a new key"});
  auto key = own_key(folder);
  if (!key) return fail(key.error());
  auto made = make_signing_request(options.name, key->view(), {});
  if (!made) return fail(made.error());
  auto file = folder / "request.pem";
  if (auto written = write_small_file(file, to_pem(*made), 0644); !written) return fail(written.error());
  print(std::cout, "made {}\n", file.string());
  auto read = read_signing_request(*made);
  if (!read) return fail(read.error());
  print(std::cerr,
        "bring it to the CA: hublink sign request.pem --keys DIR; what that makes belongs into {}. The key "
        "is {}\n",
        folder.string(), fingerprint_of(*read));
  return 0;
}

int entrust(const keys_options& options) {
  if (auto done = entrust_ca(options.out, options.data, passphrase_by(options.passphrase)); !done)
    return fail(done.error());
  print(std::cerr,
        "the manager in {} signs by itself from now on: its ca/key.pem is not encrypted, and whoever can "
        "read it "
        "can make nodes; keep {}/ca as its backup, and make new nodes there no more\n",
        options.data, options.out);
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
  auto* asked =
      verb.add_subcommand("request", "on the node's machine: make its key, which stays there, and a "
                                     "request for hublink sign");
  asked->add_option("NAME", options->name, "the node")->required();
  asked->add_option("--out", options->out, "folder of the nodes' folders")->required();
  auto* entrusted =
      verb.add_subcommand("entrust", "bring the CA to a manager, so that it can sign by itself");
  entrusted->add_option("--out", options->out, "folder of the CA and of the nodes' folders")->required();
  entrusted->add_option("--data", options->data, "the manager's directory")->required()->type_name("DIR");
  add_passphrase_option(*entrusted, options->passphrase);
  verb.callback([=, &exit] {
    keep_memory_private();
    using work = int (*)(const keys_options&);
    const std::array<std::pair<CLI::App*, work>, 4> works{
        {{revoked, revoke}, {locked, lock}, {asked, request}, {entrusted, entrust}}};
    for (const auto& each : works)
      if (*each.first) {
        exit = each.second(*options);
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
    command_example{"hublink keys request HOST4 --out keys",
                    "on HOST4's machine: its key, and what the CA is asked"},
    command_example{"hublink keys entrust --out keys --data MGR", "MGR signs by itself from now on"},
};

} // namespace

constinit const command_row keys_command{
    .name = "keys",
    .does = "make a private CA and a key folder for every node; keeps what is there",
    .set_up = set_up_keys,
    .examples = keys_examples};

} // namespace hublink
