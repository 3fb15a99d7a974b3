#include "networks.hpp"
#include "node/base/small_file.hpp"
#include "node/definition/applied_network.hpp"
#include "node/trust/keys.hpp"
#include "support/catch.hpp"

#include <unistd.h>

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

struct applied_folder {
  applied_folder() { fs::create_directories(path); }
  ~applied_folder() { fs::remove_all(path); }
  fs::path path = fs::temp_directory_path() / ("hublink-applied." + std::to_string(::getpid()));
};

bytes der(const std::string& text) {
  auto view = as_bytes(text);
  return {view.begin(), view.end()};
}

/// HOST1 broadcasts and has a store, HOST2 sends to one alone.
std::string broadcasting() {
  return example_with(R"({"transfers": {"FILE10": {"from": "HOST1", "to": ["HOST2", "HOST3"]},
                                        "FILE11": {"from": "HOST3", "to": ["HOST1"], "store": "always"},
                                        "FILE12": {"from": "HOST2", "to": ["HOST1"]}}})");
}

std::string broadcast_to(int receivers) {
  auto net = nlohmann::json::parse(example_text());
  net["transfers"] = nlohmann::json::object();
  auto& to = net["transfers"]["FILE10"] = {{"from", "HOST1"}, {"to", nlohmann::json::array()}};
  for (int i = 0; i < receivers; ++i) {
    auto name = "R" + std::to_string(i);
    net["nodes"][name] = net["nodes"]["HOST2"];
    net["nodes"][name]["address"] = "127.1.2.12:" + std::to_string(20'000 + i);
    to["to"].push_back(name);
  }
  return net.dump();
}

} // namespace

TEST_CASE("a sender's definition has its recipients' certificates, the others' none") {
  applied_folder at;
  auto applied = std::move(*applied_network::open(at.path));
  certificate_map known{{"HOST1", der("one")}, {"HOST2", der("two")}, {"HOST3", der("three")}};
  auto state = *applied->put(broadcasting(), known, 7);
  auto check = [&](const applied_network::state& now) {
    CHECK(now.compile("HOST1").certificates ==
          certificate_map{{"HOST2", der("two")}, {"HOST3", der("three")}});
    CHECK(now.compile("HOST3").certificates == certificate_map{{"HOST1", der("one")}});
    for (const auto* name : {"HOST2", "ServerA", "ServerB"}) CHECK(now.compile(name).certificates.empty());
  };
  check(*state);
  // Of one version there is one content, whatever became of the keys since.
  auto again = std::move(*applied_network::open(at.path));
  CHECK(again->now()->version == state->version);
  check(*again->now());
}

TEST_CASE("what was applied without certificates is read as such, damaged ones are not") {
  applied_folder at;
  auto file = at.path / "applied.json";
  auto stored = nlohmann::json{{"version", 5u}, {"topology", nlohmann::json::parse(broadcasting())}};
  REQUIRE(write_small_file(file, stored.dump(), 0600));
  CHECK((*applied_network::open(at.path))->now()->compile("HOST1").certificates.empty());
  for (const auto& wrong : {nlohmann::json{{"HOST2", "xy"}}, nlohmann::json{{"HOST2", 7}}}) {
    stored["certificates"] = wrong;
    REQUIRE(write_small_file(file, stored.dump(), 0600));
    auto opened = applied_network::open(at.path);
    REQUIRE_FALSE(opened);
    CHECK_THAT(opened.error().text, Contains("applied.json is damaged"));
  }
}

TEST_CASE("the manager's recipients.pem must have all that a topology needs") {
  applied_folder at;
  auto now = std::chrono::system_clock::now();
  keys_order order{at.path / "keys", "net", {{"HOST1", role::client}, {"HOST2", role::client}}};
  order.recipients["HOST1"] = {"HOST1", "HOST2"};
  REQUIRE(make_keys(order, now));
  auto file = at.path / "keys" / "HOST1" / "recipients.pem";
  auto net = network_of(broadcasting());
  auto refused = certificates_for(net, {file});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::bad_config);
  CHECK_THAT(refused.error().text, Contains("HOST3") && Contains(file.string()) && Contains("hublink keys"));
  auto missing = certificates_for(net, {at.path / "nowhere.pem"});
  REQUIRE_FALSE(missing);
  CHECK_THAT(missing.error().text, Contains("nowhere.pem"));
  order.nodes.emplace_back("HOST3", role::client);
  order.recipients["HOST1"] = {"HOST1", "HOST2", "HOST3"};
  REQUIRE(make_keys(order, now));
  CHECK(certificates_for(net, {file})->size() == 3);
  CHECK(certificates_for(network_of(example_text()), {file})->size() <= 3);
}

TEST_CASE("of a node that made its key itself the CA at the manager has the certificate") {
  applied_folder at;
  auto now = std::chrono::system_clock::now();
  keys_order order{at.path / "keys", "net", {{"HOST1", role::client}, {"HOST2", role::client}}};
  order.recipients["HOST1"] = {"HOST1", "HOST2"};
  REQUIRE(make_keys(order, now));
  auto net = network_of(broadcasting());
  certificate_sources from{at.path / "keys" / "HOST1" / "recipients.pem", at.path / "MGR"};
  fs::create_directory(from.authority);
  CHECK_FALSE(certificates_for(net, from));
  REQUIRE(entrust_ca(order.out, from.authority, no_passphrase));
  auto signed_for = [&](const std::string& name, std::chrono::hours later) {
    auto key = make_private_key();
    auto request = *read_signing_request(*make_signing_request(name, key.view(), {}));
    auto made = sign_keys({.out = from.authority, .request = request, .holder = role::client, .days = 30},
                          now + later);
    auto id = *identity::make(made->certificate, key.view());
    return bytes{id->certificate().begin(), id->certificate().end()};
  };
  const std::chrono::hours hour{1};
  auto third = signed_for("HOST3", hour), second = signed_for("HOST2", hour);
  auto found = certificates_for(net, from);
  REQUIRE(found);
  CHECK(found->at("HOST3") == third);
  CHECK(found->at("HOST2") == second); // though the one before it ends later
  auto once_more = signed_for("HOST3", hour);
  CHECK(certificates_for(net, from)->at("HOST3") == once_more);
  CHECK(found->at("HOST1") == load_recipients(from.recipients_pem)->at("HOST1")); // it is known to both
  fs::remove_all(order.out / "HOST2");
  REQUIRE(make_keys(order, now + 2 * hour));
  CHECK(certificates_for(net, from)->at("HOST2") != second); // by the folder that the CA came from
}

TEST_CASE("certificates that would not fit into a definition are left out of it") {
  applied_folder at;
  for (int receivers : {int(most_certificates), int(most_certificates) + 1}) {
    auto net = network_of(broadcast_to(receivers));
    certificate_map known;
    for (const auto& [name, node] : net.nodes) known[name] = bytes(600);
    network_compiler compiler{net};
    auto self = compiler.compile("HOST1");
    add_certificates(self, known);
    CHECK(self.certificates.size() == (receivers > int(most_certificates) ? 0 : most_certificates));
    if (receivers > int(most_certificates)) CHECK(certificates_for(net, {at.path / "nowhere.pem"})->empty());
  }
}
