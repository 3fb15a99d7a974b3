#include "networks.hpp"
#include "node/definition/definition_json.hpp"
#include "node/definition/definition_keeper.hpp"
#include "protocol/trust/issuer.hpp"
#include "support/catch.hpp"

#include <fstream>
#include <unistd.h>

using namespace hublink;
using namespace hublink::test;
namespace fs = std::filesystem;

namespace {

const trust::clock_time noon{std::chrono::hours{24 * 365 * 50}};
const validity around_noon{noon - std::chrono::hours{24}, noon + std::chrono::hours{24}};

struct signing_ca {
  certified_key key = *make_ca("test", around_noon);
  std::shared_ptr<const trust> known = *trust::make(key.cert_pem, *make_crl(key, "", "", around_noon));

  std::shared_ptr<const identity> identity_of(const std::string& name, role holder) const {
    auto made = *issue(key, name, holder, around_noon);
    return *identity::make(made.cert_pem, made.key_pem);
  }
};

struct no_events : event_log {
  void write(const transfer_id&, const event::any&) override {}
};

struct kept_node {
  explicit kept_node(const std::string& node) : self(std::make_shared<const definition>(net.compile(node))) {
    fs::remove_all(data);
    fs::create_directories(data);
  }
  ~kept_node() { fs::remove_all(data); }

  std::unique_ptr<definition_keeper> open() {
    auto made = std::make_unique<definition_keeper>(self, data, ca.known, events, [] { return noon; });
    REQUIRE(made->open());
    return made;
  }
  bytes definition_of(const std::string& node, std::uint64_t version,
                      const std::string& network = "three-hubs") {
    return *sign_definition({network, node, version, json_of(net.compile(node)).dump()}, *manager);
  }
  outcome<std::uint64_t> take(definition_keeper& into, byte_view from) {
    return into.take(from, "MGR", [this](definition_ptr next) {
      self.replace(std::move(next));
      ++taken;
    });
  }

  signing_ca ca;
  std::shared_ptr<const identity> manager = ca.identity_of("MGR", role::manager);
  network_compiler net{network_of(example_text())};
  live_definition self;
  fs::path data = fs::temp_directory_path() / ("hublink-keeper." + std::to_string(::getpid()));
  no_events events;
  int taken = 0;
};

} // namespace

TEST_CASE("a node takes newer definitions of its own, and finds them again") {
  kept_node host{"HOST1"};
  auto keeper = host.open();
  CHECK(keeper->version() == 0);
  CHECK(*host.take(*keeper, host.definition_of("HOST1", 5)) == 5);
  CHECK(*host.take(*keeper, host.definition_of("HOST1", 5)) == 5); // signed again: the same
  CHECK(host.taken == 1);
  CHECK(host.take(*keeper, host.definition_of("HOST1", 4)).error().code == errc::superseded);
  CHECK(*host.take(*keeper, host.definition_of("HOST1", 6)) == 6);
  CHECK(host.taken == 2);
  keeper = host.open();
  CHECK(keeper->version() == 6);
  CHECK(host.take(*keeper, host.definition_of("HOST1", 5)).error().code == errc::superseded);
  auto stored = load_definition(host.data, "HOST1", *host.ca.known);
  REQUIRE(stored);
  CHECK((*stored)->self->node == "HOST1");
  CHECK_FALSE(load_definition(host.data, "HOST2", *host.ca.known));
}

TEST_CASE("what is not this node's is refused, and changes nothing") {
  kept_node host{"HOST1"};
  auto keeper = host.open();
  auto code = [&](const bytes& from) { return host.take(*keeper, from).error().code; };
  CHECK(code(host.definition_of("HOST2", 1)) == errc::not_authorised);
  CHECK(code(host.definition_of("HOST1", 1, "elsewhere")) == errc::not_authorised);
  CHECK(code(*sign_definition({"three-hubs", "HOST1", 1, "{}"}, *host.manager)) == errc::bad_config);
  auto server = json_of(host.net.compile("ServerA")).dump();
  CHECK(code(*sign_definition({"three-hubs", "HOST1", 1, server}, *host.manager)) == errc::bad_config);
  auto by_server = host.ca.identity_of("ServerA", role::server);
  auto content = json_of(host.net.compile("HOST1")).dump();
  CHECK(code(*sign_definition({"three-hubs", "HOST1", 1, content}, *by_server)) == errc::not_authorised);
  CHECK(*host.take(*keeper, host.definition_of("HOST1", 1)) == 1);
  CHECK(code(*sign_definition({"three-hubs", "HOST1", 1, content + " "}, *host.manager)) == errc::replayed);
  CHECK(host.taken == 1);
}

TEST_CASE("a damaged file keeps the node from starting, and says which") {
  kept_node host{"HOST1"};
  host.take(*host.open(), host.definition_of("HOST1", 1));
  std::fstream file{host.data / "definition.signed", std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(100);
  file.put('~');
  file.close();
  auto refused = load_definition(host.data, "HOST1", *host.ca.known);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text.find("definition.signed") != std::string::npos);
}

TEST_CASE("a server keeps those of its clients and neighbours until it handed them on") {
  kept_node server{"ServerB"};
  auto keeper = server.open();
  CHECK(keeper->keep(server.definition_of("HOST2", 3)));
  CHECK(keeper->keep(server.definition_of("ServerC", 3)));
  CHECK(keeper->keep(server.definition_of("HOST1", 3)).error().code == errc::not_registered);
  CHECK(keeper->keep(server.definition_of("HOST2", 2)).error().code == errc::superseded);
  keeper->handed_on("HOST2", 2, {});
  CHECK_FALSE(keeper->kept_for("HOST2")->handed_on);
  keeper->handed_on("HOST2", 3, failure{errc::hop_down, "ServerB", "gone"});
  CHECK(keeper->kept_for("HOST2")->reason);
  keeper->handed_on("HOST2", 3, {});
  CHECK(keeper->kept_for("HOST2")->handed_on);
  keeper = server.open();
  CHECK(keeper->kept().size() == 2);
  CHECK_FALSE(keeper->kept_for("HOST2")->handed_on); // asked once more
  CHECK_FALSE(keeper->kept_for("HOST1"));
}
