#include "networks.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::test;

namespace {

std::string lines(const std::string& text) {
  std::string all;
  for (const auto& each : problems_of(text)) all += each + "\n";
  return all;
}

/// A patch of the example, and what the one problem must begin with and contain.
struct row {
  const char *patch, *path, *message;
};

} // namespace

TEST_CASE("the example network has no problems") { CHECK(lines(example_text()).empty()); }

TEST_CASE("all that the interface names is read") {
  auto net = network_of(example_with(R"({
    "nodes": {
      "ServerA": {"routes": [{"network": "127.1.9.0/24", "via": "ServerC", "priority": 1}], "default_route": "ServerC",
                  "hosts": {"HOST2": "127.1.2.99"}, "limits": {"transfers": 4, "rate": "20MB/s", "checkpoint": "64MB", "checkpoint_s": 0.05,
                             "stall_s": 3, "keep_days": 60, "keep_partial_days": 2, "spool": "1GiB"},
                  "proxy": {"enabled": true, "allow": ["10.2.0.0/16:5432", "127.1.2.50:8000-8100", "[::1]:80"]}},
      "ServerB": {"resolver": "system"},
      "HOST1": {"dial": "out"},
      "SIX": {"role": "client", "address": "[::1]:30000", "home": "ServerB"}
    },
    "transfers": {
      "FILE03": {"send": {"path": "/abs/x"}, "receive": {"path": "in/x", "HOST3": {"path": "in/y"}},
                 "retry": {"count": 5, "every_s": 30}, "if_exists": "refuse", "digest": "sha256",
                 "priority": -7, "preempt": true, "rate": 1500}
    }})"));
  const auto& a = net.nodes.at("ServerA");
  CHECK(a.role == role::server);
  CHECK(to_string(*a.address) == "127.1.1.1:40000");
  CHECK(to_string(a.segments.at(0)) == "127.1.1.0/24");
  CHECK(a.neighbours.at("ServerB").cost == 1);
  REQUIRE(a.routes.size() == 1);
  CHECK(to_string(a.routes[0].network) == "127.1.9.0/24");
  CHECK(a.routes[0].via == "ServerC");
  CHECK(a.routes[0].priority == 1);
  CHECK(a.default_route == "ServerC");
  CHECK(to_string(*a.hosts.at("HOST2")) == "127.1.2.99");
  CHECK(a.limits.transfers == 4);
  CHECK(a.limits.circuits == node_limits{}.circuits);
  CHECK(a.limits.rate == 20'000'000);
  CHECK(a.limits.checkpoint_bytes == 64'000'000);
  CHECK(a.limits.checkpoint_ms == 50);
  CHECK(a.limits.stall_s == 3);
  CHECK(a.limits.keep_days == 60);
  CHECK(a.limits.keep_partial_days == 2);
  CHECK(a.proxy.enabled);
  REQUIRE(a.proxy.allow.size() == 3);
  CHECK(a.proxy.allow[1].first_port == 8000);
  CHECK(a.proxy.allow[1].last_port == 8100);
  CHECK(to_string(a.proxy.allow[2].network) == "::1/128");
  CHECK(a.limits.spool_bytes == std::uint64_t(1) << 30);
  CHECK(net.nodes.at("ServerB").system_resolver);
  CHECK(net.nodes.at("HOST1").dials_out);
  CHECK(net.nodes.at("HOST1").home == "ServerA");

  const auto& file = net.transfers.at("FILE03");
  CHECK(file.to == std::vector<std::string>{"HOST2", "HOST3"});
  CHECK(file.path_at_sender("FILE03") == "/abs/x");
  CHECK(file.path_at("HOST2", "FILE03") == "in/x");
  CHECK(file.path_at("HOST3", "FILE03") == "in/y");
  CHECK(file.policy.retry.count == 5);
  CHECK(file.policy.retry.every_s == 30);
  CHECK(file.policy.if_exists == if_exists::refuse);
  CHECK(file.policy.digest == digest_kind::sha256);
  CHECK(file.policy.priority == -7);
  CHECK(file.policy.preempt);
  CHECK(file.policy.rate == 1500);
  CHECK(net.transfers.at("FILE04").policy.rate == 0);
  CHECK(net.transfers.at("FILE04").path_at_sender("FILE04") == "out/FILE04");
  CHECK(net.transfers.at("FILE04").path_at("HOST2", "FILE04") == "in/FILE04");
  CHECK(net.transfers.at("FILE04").broadcast_at == "ServerC");
  CHECK(net.transfers.at("FILE02").via == std::vector<std::string>{"ServerC"});

  CHECK_FALSE(net.gateways.at("db").udp);
  CHECK(net.gateways.at("dns").udp);
  CHECK(net.gateways.at("dns").reply_timeout_s == 5);
  CHECK(to_string(*net.gateways.at("dns").deliver) == "127.1.2.50:53");
}

TEST_CASE("what is no JSON is placed by line and column") {
  struct place {
    const char *text, *begins;
  };
  auto each = GENERATE(
      place{"{\n  \"network\": \"x\",\n  nodes\n}",
            "line 3, column 4: is no JSON: names and texts stand in double quotes"},
      place{"{\n 'network': 'x'}",
            "line 2, column 2: is no JSON: names and texts stand in double quotes, not"},
      place{"{\"network\": three}", "line 1, column 14: is no JSON: names and texts stand in double quotes"},
      place{"network: x\nnodes:\n", "line 1, column 2: is no JSON: names and texts stand in double quotes"},
      place{"\xff\xfe{", "line 1, column 1: is no JSON: it is written as UTF-16; save it as UTF-8"},
      place{"{\"network\": \"a\nb\"}", "line 1, column 15: is no JSON: syntax error while parsing value"},
      place{" \n", "line 2, column 1: is no JSON: there is nothing in it"},
      place{"", "line 1, column 1: is no JSON: there is nothing in it"},
      place{"{", "line 1, column 2: is no JSON: "},
      place{"{\"network\": \"\xff\"}", "line 1, column 14: is no JSON: "},
      place{"{\"a\": 1e999}", "file: is no JSON: number overflow"}, place{"[]", "file: must be an object"});
  CAPTURE(each.text);
  auto found = problems_of(each.text);
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0], Catch::StartsWith(each.begins));
}

TEST_CASE("a key that is there twice is a problem: JSON would drop the first") {
  auto found = problems_of(R"({"network": "n", "nodes": {"A": {"role": "server", "address": "127.0.0.1:1"},
                                                        "A": {"role": "server", "address": "127.0.0.1:2"}}})");
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0], Catch::StartsWith("nodes.A: is there twice"));
}

TEST_CASE("every wrong field is one problem at its path, with what would fix it") {
  auto each = GENERATE(
      row{R"({"network": null})", "network", "is missing; name the network"},
      row{R"({"network": "a b"})", "network", "is no name"},
      row{R"({"netwrk": "x"})", "netwrk", "did you mean \"network\"?"},
      row{R"({"nodes": {"HOST1": {"zzz": 1}}})", "nodes.HOST1.zzz", "known here: role, address"},
      row{R"({"nodes": {"HOST1": {"rolle": 1}}})", "nodes.HOST1.rolle", "did you mean \"role\"?"},
      row{R"({"nodes": {"X": {"role": "sever", "address": "127.1.1.77:1"}}})", "nodes.X.role",
          R"("sever" is not known here; write "manager" or "server" or "client")"},
      row{R"({"nodes": {"X": 7}})", "nodes.X", "must be an object"},
      row{R"({"nodes": {"a/b": {}}})", "nodes.a/b", "rename it"},
      row{R"({"nodes": {"HOST1": {"address": null}}})", "nodes.HOST1.address",
          "is missing; write the address"},
      row{R"({"nodes": {"HOST1": {"address": 1}}})", "nodes.HOST1.address", "must be a text"},
      row{R"({"nodes": {"HOST1": {"address": "127.1.1.11"}}})", "nodes.HOST1.address",
          "is no address with port"},
      row{R"({"nodes": {"HOST1": {"address": "127.1.1.11:0"}}})", "nodes.HOST1.address", "can't be dialled"},
      row{R"({"nodes": {"HOST1": {"address": "0.0.0.0:1"}}})", "nodes.HOST1.address", "can't be dialled"},
      row{R"({"nodes": {"HOST1": {"address": "[::]:1"}}})", "nodes.HOST1.address", "can't be dialled"},
      row{R"({"nodes": {"HOST1": {"dial": "in"}}})", "nodes.HOST1.dial", "write \"out\""},
      row{R"({"nodes": {"HOST1": {"home": null}}})", "nodes.HOST1.home", "is missing; name the server"},
      row{R"({"nodes": {"HOST1": {"neighbours": {}}}})", "nodes.HOST1.neighbours",
          "is only for servers; remove it"},
      row{R"({"nodes": {"ServerA": {"home": "ServerB"}}})", "nodes.ServerA.home",
          "is only for clients and managers"},
      row{R"({"nodes": {"ServerA": {"segment": "127.1.1.1/24"}}})", "nodes.ServerA.segment",
          "host bits zero"},
      row{R"({"nodes": {"ServerA": {"neighbours": {"ServerB": 0}}}})", "nodes.ServerA.neighbours.ServerB",
          "must be a whole number from 1"},
      row{R"({"nodes": {"ServerA": {"neighbours": {"ServerB": 1.5}}}})", "nodes.ServerA.neighbours.ServerB",
          "must be a whole number from 1"},
      row{R"({"nodes": {"ServerA": {"neighbours": {"ServerB": 18446744073709551615}}}})",
          "nodes.ServerA.neighbours.ServerB", "must be a whole number from 1"},
      row{R"({"nodes": {"ServerA": {"routes": {}}}})", "nodes.ServerA.routes", "must be a list"},
      row{R"({"nodes": {"ServerA": {"routes": [{"network": "127.1.9.0/24"}]}}})",
          "nodes.ServerA.routes[0].via", "is missing"},
      row{R"({"nodes": {"ServerA": {"routes": [1]}}})", "nodes.ServerA.routes[0]", "must be an object"},
      row{R"({"nodes": {"ServerA": {"hosts": {"HOST2": "x y"}}}})", "nodes.ServerA.hosts.HOST2",
          "is no IP address"},
      row{R"({"nodes": {"ServerA": {"resolver": "system", "hosts": {"HOST2": "127.1.2.9"}}}})",
          "nodes.ServerA.hosts", "has no effect beside"},
      row{R"({"nodes": {"ServerA": {"limits": {"transfers": -1}}}})", "nodes.ServerA.limits.transfers",
          "must be a whole number from 1"},
      row{R"({"nodes": {"ServerA": {"limits": {"transfer": 1}}}})", "nodes.ServerA.limits.transfer",
          "did you mean \"transfers\"?"},
      row{R"({"nodes": {"HOST1": {"limits": {"rate": "20MB"}}}})", "nodes.HOST1.limits.rate",
          "must be a rate from 1KB/s to 1000GB/s such as \"20MB/s\""},
      row{R"({"nodes": {"HOST1": {"limits": {"rate": 0}}}})", "nodes.HOST1.limits.rate", "must be a rate"},
      row{R"({"nodes": {"HOST1": {"limits": {"checkpoint": "64MB/s"}}}})", "nodes.HOST1.limits.checkpoint",
          "must be an amount from 64KiB to 1024GiB"},
      row{R"({"nodes": {"HOST1": {"limits": {"checkpoint": -5}}}})", "nodes.HOST1.limits.checkpoint",
          "must be an amount"},
      row{R"({"nodes": {"HOST1": {"limits": {"checkpoint_s": 0}}}})", "nodes.HOST1.limits.checkpoint_s",
          "must be seconds from 0.01 to 3600"},
      row{R"({"nodes": {"HOST1": {"limits": {"checkpoint_s": "1"}}}})", "nodes.HOST1.limits.checkpoint_s",
          "must be seconds"},
      row{R"({"nodes": {"HOST1": {"limits": {"stall_s": 0.5}}}})", "nodes.HOST1.limits.stall_s",
          "must be a whole number from 1"},
      row{R"({"nodes": {"HOST1": {"limits": {"keep_days": 0}}}})", "nodes.HOST1.limits.keep_days",
          "must be a whole number from 1"},
      row{R"({"transfers": {"FILE01": {"priority": 101}}})", "transfers.FILE01.priority",
          "must be a whole number from -100 to 100"},
      row{R"({"transfers": {"FILE01": {"priority": -101}}})", "transfers.FILE01.priority",
          "must be a whole number from -100 to 100"},
      row{R"({"transfers": {"FILE01": {"store": "maybe"}}})", "transfers.FILE01.store",
          "\"when_unreachable\""},
      row{R"({"transfers": {"FILE01": {"store_s": 60}}})", "transfers.FILE01.store_s", "nothing is stored"},
      row{R"({"transfers": {"FILE01": {"preempt": 1}}})", "transfers.FILE01.preempt", "true or false"},
      row{R"({"transfers": {"FILE01": {"priority": -100, "preempt": true}}})", "transfers.FILE01.preempt",
          "nothing has a lower priority"},
      row{R"({"transfers": {"FILE01": {"rate": "fast"}}})", "transfers.FILE01.rate", "must be a rate"},
      row{R"({"nodes": {"ServerA": {"proxy": {"enabled": 1}}}})", "nodes.ServerA.proxy.enabled",
          "true or false"},
      row{R"({"nodes": {"ServerA": {"proxy": {"allow": ["10.0.0.0/8:9-1"]}}}})",
          "nodes.ServerA.proxy.allow[0]", "must be a text such as"},
      row{R"({"nodes": {"ServerA": {"proxy": {"allow": ["10.0.0.0/8:9", "::1:80"]}}}})",
          "nodes.ServerA.proxy.allow[1]", "[2001:db8::7]:443"},
      row{R"({"nodes": {"ServerA": {"proxy": {"allow": [80]}}}})", "nodes.ServerA.proxy.allow[0]",
          "must be a text such as"},
      row{R"({"nodes": {"ServerA": {"proxy": {"allow": "10.0.0.0/8:80"}}}})", "nodes.ServerA.proxy.allow",
          "must be a list such as"},
      row{R"({"nodes": {"ServerA": {"proxy": {"alow": ["10.0.0.0/8:80"]}}}})", "nodes.ServerA.proxy.alow",
          "did you mean \"allow\"?"},
      row{R"({"nodes": {"ServerA": {"proxy": {"enable": true}}}})", "nodes.ServerA.proxy.enable",
          "did you mean \"enabled\"?"},
      row{R"({"nodes": {"ServerA": {"manager_from": ["127.1.0.0/24"]}}})", "nodes.ServerA.manager_from",
          "did you mean \"managers_from\"?"},
      row{R"({"transfers": {"FILE01": {"from": null}}})", "transfers.FILE01.from", "is missing"},
      row{R"({"transfers": {"FILE01": {"to": []}}})", "transfers.FILE01.to", "is empty; name a client"},
      row{R"({"transfers": {"FILE01": {"to": "HOST2"}}})", "transfers.FILE01.to", "must be a list of names"},
      row{R"({"transfers": {"FILE01": {"placement": "best"}}})", "transfers.FILE01.placement",
          "\"auto\" or \"manual\" or \"direct\""},
      row{R"({"transfers": {"FILE01": {"send": {"path": ""}}}})", "transfers.FILE01.send.path",
          "must name a file"},
      row{R"({"transfers": {"FILE01": {"send": {"path": "out/"}}}})", "transfers.FILE01.send.path",
          "must name a file"},
      row{R"({"transfers": {"FILE01": {"send": {"path": "../x"}}}})", "transfers.FILE01.send.path",
          "leads out of the node's data directory"},
      row{R"({"transfers": {"FILE03": {"receive": {"HOST3": {"path": "in/../../x"}}}}})",
          "transfers.FILE03.receive.HOST3.path", "leads out of the node's data directory"},
      row{R"({"transfers": {"FILE03": {"receive": {"HOST3": {}}}}})", "transfers.FILE03.receive.HOST3.path",
          "is missing"},
      row{R"({"transfers": {"FILE01": {"retry": {"every_s": 0}}}})", "transfers.FILE01.retry.every_s",
          "from 1 to 86400"},
      row{R"({"transfers": {"FILE01": {"digest": "md5"}}})", "transfers.FILE01.digest",
          "\"xxh128\" or \"sha256\""},
      row{R"({"gateways": {"db": {"reply_timeout_s": 1}}})", "gateways.db.reply_timeout_s", "only for udp"},
      row{R"({"gateways": {"db": {"replies_extend": true}}})", "gateways.db.replies_extend", "only for udp"},
      row{R"({"gateways": {"db": {"replies_from": "host"}}})", "gateways.db.replies_from", "only for udp"},
      row{R"({"gateways": {"dns": {"replies_from": "all"}}})", "gateways.dns.replies_from",
          "\"destination\" or \"host\" or \"any\""},
      row{R"({"gateways": {"dns": {"keep_alive_s": 5}}})", "gateways.dns.keep_alive_s", "only for tcp"},
      row{R"({"gateways": {"dns": {"half_closed_s": 5}}})", "gateways.dns.half_closed_s", "only for tcp"},
      row{R"({"gateways": {"db": {"keep_alive_s": 0}}})", "gateways.db.keep_alive_s", "from 1 to 3600"},
      row{R"({"nodes": {"ServerA": {"proxy": {"half_closed_s": 86401}}}})",
          "nodes.ServerA.proxy.half_closed_s", "from 0 to 86400"},
      row{R"({"gateways": {"db": {"protocol": null}}})", "gateways.db.protocol", "is missing"},
      row{R"({"gateways": {"db": {"protocol": "TCP"}}})", "gateways.db.protocol", "\"tcp\" or \"udp\""},
      row{R"({"gateways": {"dns": {"reply_timeout_s": 3601}}})", "gateways.dns.reply_timeout_s",
          "must be a whole number from 0 to 3600"},
      row{R"({"gateways": {"dns": {"reply_timeout": 5}}})", "gateways.dns.reply_timeout",
          "did you mean \"reply_timeout_s\"?"},
      row{R"({"gateways": {"db": {"link": "never"}}})", "gateways.db.link", "\"always\" or \"on-use\""},
      row{R"({"nodes": {"ServerA": {"proxy": {"socks": "127.1.1.1"}}}})", "nodes.ServerA.proxy.socks",
          "address with port"},
      row{R"({"nodes": {"ServerA": {"proxy": {"streams": 0}}}})", "nodes.ServerA.proxy.streams", ""},
      row{R"({"nodes": {"HOST1": {"proxy": {"enabled": true}}}})", "nodes.HOST1.proxy", "only for servers"},
      row{R"({"gateways": {"db": {"deliver": "db"}}})", "gateways.db.deliver", "is no address with port"});
  CAPTURE(each.patch);
  auto found = problems_of(example_with(each.patch));
  CAPTURE(found);
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0], Catch::StartsWith(std::string{each.path} + ": ") && Catch::Contains(each.message));
}

TEST_CASE("every contradiction is one problem at its path, with what would fix it") {
  auto each = GENERATE(
      row{R"({"nodes": {"HOST2": {"address": "127.1.1.11:30000", "home": "ServerA"}}})",
          "nodes.HOST2.address", "is the address of HOST1 too"},
      row{R"({"nodes": {"HOST1": {"home": "ServerX"}}})", "nodes.HOST1.home", "there is no node ServerX"},
      row{R"({"nodes": {"MGR": {"home": "HOST1"}}})", "nodes.MGR.home", "HOST1 is a client; name a server"},
      row{R"({"nodes": {"HOST1": {"address": "127.1.3.44:30000"}}})", "nodes.HOST1.address",
          "is in the segment of ServerC, but its home is ServerA"},
      row{R"({"nodes": {"ServerA": {"neighbours": {"ServerX": 1}}}})", "nodes.ServerA.neighbours.ServerX",
          "there is no node ServerX"},
      row{R"({"nodes": {"ServerA": {"neighbours": {"HOST1": 1}}}})", "nodes.ServerA.neighbours.HOST1",
          "HOST1 is a client"},
      row{R"({"nodes": {"ServerA": {"neighbours": {"ServerA": 1}}}})", "nodes.ServerA.neighbours.ServerA",
          "no neighbour of itself"},
      row{R"({"nodes": {"ServerA": {"neighbours": {"ServerB": 2}}}})", "nodes.ServerB.neighbours.ServerA",
          "cost 1 contradicts nodes.ServerA.neighbours.ServerB (2)"},
      row{R"({"nodes": {"ServerD": {"role": "server", "address": "127.1.4.1:40000"}}})", "nodes.ServerD",
          "no way leads here from ServerA"},
      row{R"({"nodes": {"ServerB": {"segment": "127.1.2.0/23"}}})", "nodes.ServerC.segment",
          "overlaps ServerB's segment"},
      row{R"({"nodes": {"ServerA": {"routes": [{"network": "127.1.9.0/24", "via": "ServerX"}]}}})",
          "nodes.ServerA.routes[0].via", "there is no node ServerX"},
      row{R"({"nodes": {"ServerA": {"routes": [{"network": "127.1.9.0/24", "via": "ServerA"}]}}})",
          "nodes.ServerA.routes[0].via", "leads to its own server"},
      row{R"({"nodes": {"ServerA": {"managers_from": ["127.1.0.0"]}}})", "nodes.ServerA.managers_from[0]",
          "must be a list of IP networks"},
      row{R"({"nodes": {"HOST1": {"managers_from": ["127.1.0.0/16"]}}})", "nodes.HOST1.managers_from",
          "is only for servers"},
      row{R"({"nodes": {"ServerA": {"default_route": "HOST2"}}})", "nodes.ServerA.default_route",
          "HOST2 is a client"},
      row{R"({"nodes": {"ServerA": {"default_route": "ServerA"}}})", "nodes.ServerA.default_route",
          "its own server"},
      row{R"({"nodes": {"ServerA": {"hosts": {"HOST9": "127.1.2.9"}}}})", "nodes.ServerA.hosts.HOST9",
          "there is no node HOST9"},
      row{R"({"transfers": {"FILE01": {"from": "HOST9"}}})", "transfers.FILE01.from",
          "there is no node HOST9"},
      row{R"({"transfers": {"FILE01": {"from": "ServerA"}}})", "transfers.FILE01.from",
          "ServerA is a server"},
      row{R"({"transfers": {"FILE01": {"to": ["HOST2", "HOST9"]}}})", "transfers.FILE01.to[1]",
          "there is no node HOST9"},
      row{R"({"transfers": {"FILE01": {"to": ["MGR"]}}})", "transfers.FILE01.to[0]", "MGR is a manager"},
      row{R"({"transfers": {"FILE01": {"to": ["HOST2", "HOST2"]}}})", "transfers.FILE01.to[1]",
          "is there twice"},
      row{R"({"groups": {"branches": ["HOST2", "HOST2"]}})", "groups.branches[1]", "is there twice"},
      row{R"({"groups": {"branches": ["ServerA"]}})", "groups.branches[0]", "ServerA is a server"},
      row{R"({"groups": {"HOST2": ["HOST3"]}})", "groups.HOST2", "is a node's name"},
      row{R"({"groups": {"none": []}})", "groups.none", "is empty"},
      row{R"({"groups": {"branches": ["HOST2"]}, "transfers": {"FILE01": {"to": ["HOST2", "branches"]}}})",
          "transfers.FILE01.to[1]", "HOST2 is there twice by the group branches"},
      row{R"({"groups": {"one": ["HOST2"], "two": ["HOST2"]}, "transfers": {"FILE03": {"receive": {
            "one": {"path": "in/1"}, "two": {"path": "in/2"}}}}})",
          "transfers.FILE03.receive.two", "HOST2 is in the group one too, which has another path"},
      row{R"({"transfers": {"FILE01": {"to": ["HOST1"]}}})", "transfers.FILE01.to[0]", "is the sender"},
      row{R"({"transfers": {"FILE01": {"receive": {"HOST3": {"path": "x"}}}}})",
          "transfers.FILE01.receive.HOST3", "is no receiver"},
      row{R"({"transfers": {"FILE02": {"receive": {"path": "./in/../in/report.bin"}}}})",
          "transfers.FILE02.receive.path", "writes ./in/../in/report.bin at HOST2, as FILE01 does"},
      row{R"({"transfers": {"FILE03": {"receive": {"HOST3": {"path": "in/FILE04"}}}}})",
          "transfers.FILE04.receive.path", "at HOST3, as FILE03 does"},
      row{R"({"transfers": {"FILE02": {"via": []}}})", "transfers.FILE02.placement",
          "manual placement needs"},
      row{R"({"transfers": {"FILE02": {"placement": "auto"}}})", "transfers.FILE02.via", "only counts with"},
      row{R"({"transfers": {"FILE04": {"placement": null}}})", "transfers.FILE04.broadcast_at",
          "only counts with"},
      row{R"({"transfers": {"FILE02": {"via": ["HOST1"]}}})", "transfers.FILE02.via[0]", "HOST1 is a client"},
      row{R"({"transfers": {"FILE02": {"via": ["ServerC", "ServerB", "ServerC"]}}})",
          "transfers.FILE02.via[2]", "is there twice"},
      row{R"({"transfers": {"FILE02": {"via": ["ServerC", "ServerA"]}}})", "transfers.FILE02.via[1]",
          "can only come first"},
      row{R"({"transfers": {"FILE04": {"via": ["ServerC", "ServerB"]}}})", "transfers.FILE04.broadcast_at",
          "must be the last"},
      row{R"({"transfers": {"FILE04": {"broadcast_at": "ServerX"}}})", "transfers.FILE04.broadcast_at",
          "there is no node ServerX"},
      row{R"({"gateways": {"db": {"calling": "HOST1"}}})", "gateways.db.calling", "HOST1 is a client"},
      row{R"({"nodes": {"ServerA": {"proxy": {"socks": "127.1.1.1:15432"}}}})", "gateways.db.listen",
          "is used by nodes.ServerA.proxy.socks"},
      row{R"({"gateways": {"db": {"listen": "127.1.1.1:40000"}}})", "gateways.db.listen",
          "is used by node ServerA"},
      row{R"({"nodes": null})", "nodes", "is missing"});
  CAPTURE(each.patch);
  auto found = problems_of(example_with(each.patch));
  CAPTURE(found);
  if (std::string{each.path} != "nodes") REQUIRE(found.size() == 1);
  REQUIRE_FALSE(found.empty());
  CHECK_THAT(found[0], Catch::StartsWith(std::string{each.path} + ": ") && Catch::Contains(each.message));
}

TEST_CASE("what is allowed stays allowed") {
  auto patch = GENERATE(
      R"({"nodes": {"HOST1": {"address": "127.1.77.1:30000"}}})",     // outside every segment
      R"({"nodes": {"HOST2": {"address": "127.1.2.1:30000"}}})",      // its server's address, another port
      R"({"nodes": {"ServerA": {"neighbours": {"ServerB": null}}}})", // named on one side only
      R"({"nodes": {"ServerB": {"segment": null}}})",
      R"({"nodes": {"ServerA": {"routes": [{"network": "0.0.0.0/0", "via": "ServerC"}, {"network": "127.1.2.0/25", "via": "ServerB"}]}}})",
      R"({"transfers": {"FILE02": {"via": ["ServerA", "ServerC"]}}})", // the sender's home server first
      R"({"transfers": {"FILE04": {"via": ["ServerB"]}}})",            // then the broadcast point
      R"({"transfers": {"FILE04": {"via": ["ServerB", "ServerC"]}}})",
      R"({"transfers": {"FILE02": {"to": ["HOST2", "HOST3"]}}})", // the last of via is the point
      R"({"gateways": {"dns": {"listen": "127.1.1.1:15432"}}})",  // another protocol's port
      R"({"gateways": {"db": {"called": "ServerA"}}})",           // one server as both
      R"({"nodes": {"ServerA": {"proxy": {"called": "ServerA"}}}})",
      R"({"gateways": null, "transfers": null})");
  CAPTURE(patch);
  CHECK(lines(example_with(patch)).empty());
}

TEST_CASE("all problems come in one go") {
  auto found = problems_of(example_with(R"({
    "nodes": {"HOST1": {"home": "ServerX"}, "HOST2": {"address": "nonsense"}, "ServerC": {"neighbours": {"ServerB": 7}}},
    "transfers": {"FILE01": {"to": ["HOST9"], "digest": "md5"}}, "extra": 1})"));
  CAPTURE(found);
  CHECK(found.size() == 6);
}

TEST_CASE("a network without a server is none") {
  auto found = problems_of(R"({"network": "n", "nodes": {}})");
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0], Catch::Contains("there is no server"));
}

TEST_CASE("foreign text stays one short line") {
  CHECK(shown("a\nb\x1b") == "a\\u000ab\\u001b");
  CHECK(shown(std::string(200, 'x')).size() == 83);
  auto cut = shown(std::string(79, 'x') + "\xc3\xa9 and more");
  CHECK(cut == std::string(79, 'x') + "...");
}

TEST_CASE("no depth of nesting and no size harms") {
  const int deep = 200'000;
  CHECK_FALSE(problems_of(std::string(deep, '[')).empty());
  CHECK_FALSE(
      problems_of("{\"network\": \"n\", \"nodes\": " + std::string(deep, '[') + std::string(deep, ']') + "}")
          .empty());
  std::string objects;
  for (int i = 0; i < deep; ++i) objects += "{\"a\":";
  CHECK_FALSE(problems_of(objects + "1" + std::string(deep, '}')).empty());
}
