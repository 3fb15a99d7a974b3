#include "node/commands/examples.hpp"

#include <array>

namespace hublink {

namespace {

constexpr std::array all_examples{
    command_example{
        "init",
        "hublink init net.json --network plants --server Head=10.1.0.1 --client Office=10.1.0.11@Head",
        "a topology of one server and one client"},
    command_example{"init", "hublink init", "the same by questions, into net.json"},
    command_example{"check", "hublink check net.json --keys keys",
                    "the topology, and that each node has keys that count"},
    command_example{"plan", "hublink plan net.json FILE01", "the hops of a transfer, and what each is told"},
    command_example{"plan", "hublink plan net.json --json", "each node's definition"},
    command_example{"keys", "hublink keys net.json --out keys",
                    "the CA, if there is none yet, and what nodes lack"},
    command_example{"keys", "hublink keys revoke HOST1 --out keys", "HOST1's certificates count no more"},
    command_example{"certificates", "hublink certificates --keys keys", "all that were made"},
    command_example{"certificates", "hublink certificates --data MGR",
                    "at a logged-in manager: those that nodes use"},
    command_example{"bundle", "hublink bundle HOST1 --net net.json --keys keys", "makes HOST1.bundle"},
    command_example{"bundle", "hublink bundle --locked", "all nodes', their keys encrypted with a password"},
    command_example{"install", "sudo hublink install HOST1.bundle", "HOST1 runs here from now on"},
    command_example{"backup", "hublink backup HOST1.backup --data HOST1",
                    "journal, accounts, definitions, settings"},
    command_example{"restore", "hublink restore HOST1.backup --data elsewhere/HOST1",
                    "the node goes on from there"},
    command_example{"run", "hublink run net.json --node HOST1 --keys keys/HOST1",
                    "HOST1, with its data in ./HOST1"},
    command_example{"run", "hublink run --node HOST4 --join 10.1.0.1:40000 --keys keys/HOST4",
                    "its definition comes from its server"},
    command_example{"drain", "hublink drain --for 10m --data ServerB",
                    "before its machine is stopped: what is under way ends first"},
    command_example{"send", "hublink send FILE01 --wait --data HOST1", "exit 0: the receiver has it"},
    command_example{"send", "hublink send FILE01 --data MGR", "at a logged-in manager: its client sends it"},
    command_example{"request", "hublink request FILE01 --wait --data HOST2",
                    "the source is asked to send it"},
    command_example{"login", "hublink login --user anna --data MGR",
                    "at every server; asks for the password"},
    command_example{"logout", "hublink logout --data MGR", "ends the sessions"},
    command_example{"sessions", "hublink sessions --data MGR", "who is in, and where"},
    command_example{"users", "hublink users add anna --rights view,transfer --data ServerA",
                    "asks for the password"},
    command_example{"users", "hublink users list --data ServerA", "all accounts"},
    command_example{"tokens", "hublink tokens add report --rights view,transfer --days 30 --data HOST1",
                    "prints it; it is shown once"},
    command_example{"tokens", "hublink tokens list --data HOST1", "all tokens, and when they were used last"},
    command_example{"audit", "hublink audit --data ServerA", "what was done"},
    command_example{"apply", "hublink apply net.json --dry-run --data MGR", "what would change, and where"},
    command_example{"apply", "hublink apply net.json --data MGR", "all nodes get it while they run"},
    command_example{"ping", "hublink ping HOST2 --data HOST1", "the hops to HOST2"},
    command_example{"cancel", "hublink cancel ID --data HOST1", "at its sender or its receiver"},
    command_example{"retry", "hublink retry ID --data HOST1", "goes on from what the receiver has"},
    command_example{"hold", "hublink hold --data HOST1", "nothing new starts"},
    command_example{"release", "hublink release --data HOST1", "goes on"},
    command_example{"stored", "hublink stored --data ServerC", "what waits for its receivers"},
    command_example{"deliver", "hublink deliver ID --data ServerC", "now"},
    command_example{"rate", "hublink rate 20MB/s --data HOST1", "all transfers together"},
    command_example{"rate", "hublink rate ID 5MB/s --data HOST1", "one transfer"},
    command_example{"status", "hublink status --data HOST1", "this node"},
    command_example{"files", "hublink files --data HOST1", "file, direction, the other end, path"},
    command_example{"transfers", "hublink transfers --data HOST1", "now and lately"},
    command_example{"trace", "hublink trace ID --data HOST1", "step by step"},
    command_example{"events", "hublink events --follow --data HOST1", "as they happen"},
    command_example{"history", "hublink history --data HOST1", "what is over"},
    command_example{"gateways", "hublink gateways --data ServerA", "what is carried"},
    command_example{"streams", "hublink streams --data ServerA", "from where to where"},
    command_example{"socks-users", "hublink socks-users set anna --data ServerA", "asks for the password"},
    command_example{"wrap", "hublink wrap --gateway 10.1.0.1:1080 -- psql -h db.plant.example",
                    "psql's connections go through the gateway"},
    command_example{"manual", "hublink manual send | man -l -", "the page of send"},
};

} // namespace

std::span<const command_example> command_examples() { return all_examples; }

std::string examples_text(std::string_view verb) {
  std::string text;
  for (const auto& each : all_examples)
    if (each.verb == verb)
      text.append("  ").append(each.line).append("\n      ").append(each.says).append("\n");
  return text.empty() ? text : "Examples:\n" + text;
}

} // namespace hublink
