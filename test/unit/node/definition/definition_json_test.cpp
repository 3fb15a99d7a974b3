#include "networks.hpp"
#include "node/definition/definition_json.hpp"
#include "node/definition/definition_json_reader.hpp"
#include "node/topology/broadcast_point.hpp"
#include "support/catch.hpp"

#include <random>

using namespace hublink;
using namespace hublink::test;

namespace {

std::string definition_text(const definition& self) { return json_of(self).dump(); }

/// Every field that a definition can have.
std::string rich_text() {
  return example_with(R"({"nodes": {
      "ServerA": {"proxy": {"enabled": true, "allow": ["10.2.0.0/16:5432", "127.1.2.50:8000-8100"], "socks": "127.1.1.1:1080",
                            "redirect": "127.1.1.1:1081", "called": "ServerB", "idle_s": 5, "flows": 7,
                            "keep_alive_s": 9, "half_closed_s": 30},
                  "neighbours": {"ServerB": {"cost": 1, "congestion": "bbr"}},
                  "routes": [{"network": "127.9.0.0/16", "via": "ServerC", "priority": 3}], "default_route": "ServerB",
                  "managers_from": ["127.1.0.0/24"], "hosts": {"HOST2": "127.1.2.99"}},
      "ServerB": {"proxy": {"enabled": true}, "guests": ["HOST1", "HOST3"]},
      "HOST4": {"role": "client", "address": "127.1.1.14:30000", "home": "ServerA"},
      "ServerC": {"resolver": "system"},
      "HOST1": {"proxies": {"HOST3": "ServerB"}, "home_line": {"congestion": "system"}},
      "HOST3": {"proxies": {"HOST1": "ServerB"}, "dial": "out", "limits": {"rate": "5MB/s", "transfers": 3, "checkpoint_s": 0.25, "work_s": 60}}},
    "gateways": {"db": {"keep_alive_s": 6, "half_closed_s": 0}, "dns": {"replies_from": "any"}},
    "transfers": {"FILE10": {"from": "HOST1", "to": ["HOST2", "HOST3"], "on_error": "stop_others", "complete_when": "spooled",
                             "store": "when_unreachable", "store_s": 77},
                  "FILE11": {"from": "HOST1", "to": ["HOST4"], "placement": "direct"},
                  "FILE12": {"from": "HOST1", "to": ["HOST3"]},
                  "FILE09": {"from": "HOST1", "to": ["HOST2"], "retry": {"count": 2, "every_s": 5}, "priority": -3, "preempt": true,
                             "rate": "1MB/s", "digest": "sha256", "if_exists": "refuse"}}})");
}

} // namespace

TEST_CASE("a definition that was written reads as the same") {
  const auto two_networks = example_with(R"({"nodes": {
      "ServerA": {"address": "hub-a.example:40000", "listen": ["10.1.0.1:40000", "[::]:40000"],
                  "bind": ["10.1.0.1", "2001:db8::1"], "segment": ["127.1.1.0/24", "192.168.7.0/24"]},
      "HOST1": {"address": "host1.example:30000", "hosts": {"ServerA": "192.168.7.1:41000", "HOST2": "host2.example"}}},
      "gateways": {"db": {"deliver": "db.plant.example:5432"}}})");
  for (const auto& text : {example_text(), rich_text(), chain_text(9, {"S3", "S5"}), two_networks}) {
    network_compiler compiler{network_of(text)};
    for (const auto& [name, self] : compile_all(compiler.net())) {
      auto written = definition_text(self);
      CAPTURE(name, written);
      CHECK(definition_text(compiler.compile(name)) == written);
      auto read = read_definition_json(written, self.network, name);
      REQUIRE(read);
      CHECK(definition_text(*read) == written);
      CHECK(read->network == self.network);
      CHECK(read->node == name);
    }
  }
}

TEST_CASE("what a rich definition says is read") {
  network_compiler compiler{network_of(rich_text())};
  auto again = [&](const std::string& name) {
    return *read_definition_json(definition_text(compiler.compile(name)), "n", name);
  };
  auto server = again("ServerA");
  CHECK(server.proxy.enabled);
  CHECK(server.proxy.allow.size() == 2);
  CHECK(server.proxy.flows == 7);
  CHECK(server.proxy.called == "ServerB");
  CHECK(server.proxy.keep_alive_s == 9);
  CHECK(server.proxy.half_closed_s == 30);
  REQUIRE(server.proxy.gateways.size() == 2);
  CHECK(server.proxy.gateways[0].keep_alive_s == 6);
  CHECK(server.proxy.gateways[0].half_closed_s == 0);
  CHECK(server.proxy.gateways[1].replies_from == reply_source::any);
  CHECK(server.managers_from.size() == 1);
  CHECK(server.line_to("ServerB").congestion == "bbr");
  CHECK(server.line_to("ServerC").congestion == "auto");
  CHECK(server.line_to("HOST1").congestion == "system");
  CHECK(server.line_to("HOST4").congestion == "auto");
  CHECK(again("ServerB").line_to("ServerA").congestion == "bbr"); // naming it on one side is enough
  CHECK(server.transfers.at("FILE10").instead.size() == 2);
  CHECK(again("ServerB").guests == std::vector<std::string>{"HOST1", "HOST3"});
  const auto sender = again("HOST1");
  CHECK(sender.find_dialled("HOST4")->role == role::client);
  CHECK(sender.line_to("ServerA").congestion == "system");
  CHECK(sender.line_to("HOST4").congestion == "auto");
  CHECK(sender.find_dialled("ServerB")->role == role::server);
  CHECK(sender.proxies.at("HOST3") == "ServerB");
  CHECK(sender.sends.at("FILE12").dials == "ServerB");
  CHECK(again("HOST4").receives.at("FILE11").dials == "HOST1");
  CHECK(server.default_route == "ServerB");
  CHECK(server.routes.front().explicit_route);
  CHECK(again("ServerC").system_resolver);
  CHECK(again("HOST3").dials_out);
  CHECK(again("HOST3").limits.checkpoint_ms == 250);
  CHECK(again("HOST3").limits.work_s == 60);
  auto send = again("HOST1").sends.at("FILE09");
  CHECK(send.policy.digest == digest_kind::sha256);
  CHECK(send.policy.retry.count == 2);
  CHECK(send.policy.preempt);
  CHECK(send.policy.rate == 1'000'000);
  CHECK(again("HOST1").sends.at("FILE10").policy.stop_others);
  CHECK(again("HOST1").sends.at("FILE10").policy.until_spooled);
  CHECK(again("HOST1").sends.at("FILE10").through_store);
  auto point = choose_broadcast_point(compiler.net(), network_graph{compiler.net()},
                                      compiler.net().transfers.at("FILE10"));
  REQUIRE(point);
  CHECK(again(point->point()).transfers.at("FILE10").policy.store == store_policy::when_unreachable);
  CHECK(again(point->point()).transfers.at("FILE10").policy.store_s == 77);
  CHECK(again("HOST2").receives.at("FILE09").policy.if_exists == if_exists::refuse);
}

// A manager signs its definitions anew with each build: of one version there must be one content.
TEST_CASE("the JSON of what a transfer's policy says stays as earlier versions wrote it, byte for byte") {
  network_compiler compiler{network_of(rich_text())};
  auto row = [&](const std::string& node, const char* rows, const std::string& file) {
    return json_of(compiler.compile(node)).at(rows).at(file).dump();
  };
  CHECK(row("HOST1", "sends", "FILE09") ==
        R"({"path":"out/FILE09","destination":"HOST2","recipients":["HOST2"],"digest":"sha256",)"
        R"("retry":{"count":2,"every_s":5},"priority":-3,"preempt":true,"rate":1000000})");
  CHECK(row("HOST1", "sends", "FILE10") ==
        R"({"path":"out/FILE10","destination":"ServerB","recipients":["HOST2","HOST3"],"digest":"xxh128",)"
        R"("retry":{"count":0,"every_s":20},"priority":0,"preempt":false,"on_error":"stop_others",)"
        R"("complete_when":"spooled","through_store":true})");
  CHECK(row("HOST2", "receives", "FILE09") ==
        R"({"path":"in/FILE09","source":"HOST1","if_exists":"refuse"})");
  CHECK(
      row("ServerB", "transfers", "FILE10") ==
      R"({"next":["HOST2","HOST3"],"receivers":["HOST2","HOST3"],"store":"when_unreachable","store_s":77})");
}

TEST_CASE("a definition's paths and costs have the bounds of the topology's") {
  network_compiler compiler{network_of(rich_text())};
  auto refused_at = [&](const std::string& node, const std::string& place, const nlohmann::json& value) {
    auto altered = nlohmann::json::parse(definition_text(compiler.compile(node)));
    altered.at(nlohmann::json::json_pointer{place}) = value;
    auto read = read_definition_json(altered.dump(), "n", node);
    return read ? std::string{} : read.error().text;
  };
  for (const auto* path : {"", "out/"}) {
    CHECK_THAT(refused_at("HOST1", "/sends/FILE09/path", path),
               Catch::Contains("sends.FILE09.path: must name"));
    CHECK_THAT(refused_at("HOST2", "/receives/FILE09/path", path),
               Catch::Contains("receives.FILE09.path: must name"));
  }
  CHECK_THAT(refused_at("ServerA", "/neighbours/0/cost", 1'000'001),
             Catch::Contains("neighbours[0].cost: must be a whole number from 1 to 1000000"));
  CHECK_THAT(refused_at("ServerA", "/neighbours/0/congestion", "B B R"),
             Catch::Contains("neighbours[0].congestion: \"B B R\" is no congestion control"));
  CHECK_THAT(refused_at("HOST1", "/home_line/congestion", 7),
             Catch::Contains("home_line.congestion: must be a text"));
  CHECK_THAT(refused_at("ServerA", "/routes/0/priority", 1'000'001),
             Catch::Contains("routes[0].priority: must be a whole number from 0 to 1000000"));
  CHECK_THAT(refused_at("ServerA", "/managers_from", nlohmann::json::array()),
             Catch::Contains("managers_from: must be a list of IP networks"));
  CHECK_THAT(refused_at("ServerA", "/managers_from/0", "127.1.0.0"),
             Catch::Contains("managers_from[0]: must be"));
}

TEST_CASE("a definition's gateways and rules are read as the topology's") {
  network_compiler compiler{network_of(rich_text())};
  const auto good = nlohmann::json::parse(definition_text(compiler.compile("ServerA")));
  auto refusal = [&](const std::string& patch) {
    auto altered = good;
    altered.merge_patch(nlohmann::json::parse(patch));
    auto read = read_definition_json(altered.dump(), "n", "ServerA");
    return read ? std::string{} : read.error().text;
  };
  struct row {
    const char *patch, *says;
  };
  auto each = GENERATE(
      row{R"({"proxy": {"gateways": {"db": {"protocol": null}}}})", "gateways.db.protocol: is missing"},
      row{R"({"proxy": {"gateways": {"db": {"called": null}}}})", "gateways.db.called: is missing"},
      row{R"({"proxy": {"gateways": {"db": {"reply_timeout_s": 5}}}})",
          "gateways.db.reply_timeout_s: is only for udp"},
      row{R"({"proxy": {"gateways": {"dns": {"reply_timeout_s": 3601}}}})",
          "gateways.dns.reply_timeout_s: must be"},
      row{R"({"proxy": {"gateways": {"db": {"link": "always"}}}})", "gateways.db.link: is not known here"},
      row{R"({"proxy": {"gateways": {"db": {"deliver": "0.0.0.0:5432"}}}})", "can't be dialled"},
      row{R"({"proxy": {"allow": ["10.2.0.0/16"]}})", "proxy.allow[0]: must be a text such as"},
      row{R"({"proxy": {"alow": ["10.2.0.0/16:80"]}})", "proxy.alow: is not known here"},
      row{R"({"proxy": {"allow": null, "Allow": []}})", "proxy.Allow: is not known here"});
  CAPTURE(each.patch);
  CHECK_THAT(refusal(each.patch), Catch::Contains(each.says));
  CHECK(refusal("{}").empty());
}

TEST_CASE("a definition carries certificates of recipients, and names one that is none") {
  auto self = network_compiler{network_of(rich_text())}.compile("HOST1");
  self.certificates = {{"HOST2", *from_hex("00ff10")}, {"HOST3", {}}};
  auto text = definition_text(self);
  CHECK(read_definition_json(text, "n", "HOST1")->certificates == self.certificates);
  for (const auto* wrong : {R"("0g")", R"("0")", "7", "[]"}) {
    auto altered = nlohmann::ordered_json::parse(text);
    altered["certificates"]["HOST2"] = nlohmann::ordered_json::parse(wrong);
    auto read = read_definition_json(altered.dump(), "n", "HOST1");
    REQUIRE_FALSE(read);
    CHECK(read.error().text.find("certificates.HOST2") != std::string::npos);
  }
}

TEST_CASE("a definition that is none names what is wrong") {
  auto why = [](const std::string& text) { return read_definition_json(text, "n", "HOST1").error(); };
  CHECK(why("{").code == errc::bad_config);
  CHECK(why("[]").code == errc::bad_config);
  CHECK(why(R"({"role": "client"})").text.find("address") != std::string::npos);
  auto good = json_of(network_compiler{network_of(example_text())}.compile("HOST1"));
  good["jobs"] = {{"FILE01", "rm -rf /"}};
  CHECK(why(good.dump()).text.find("jobs") != std::string::npos);
}

TEST_CASE("no text makes the reader of definitions throw") {
  std::mt19937 random{7};
  auto text = definition_text(network_compiler{network_of(rich_text())}.compile("ServerA"));
  for (int round = 0; round < 2'000; ++round) {
    auto altered = text;
    for (int i = 0; i < 3; ++i) altered[random() % altered.size()] = "{}[]\",:0123456789ax."[random() % 20];
    CHECK_NOTHROW(read_definition_json(altered, "n", "ServerA"));
  }
}
