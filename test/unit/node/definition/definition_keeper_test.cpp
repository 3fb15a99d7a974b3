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
  explicit kept_node(const std::string& node)
      : self(std::make_shared<const definition>(net.compile(node))), own(ca.identity_of(node, self->role)) {
    fs::remove_all(data);
    fs::create_directories(data);
  }
  ~kept_node() { fs::remove_all(data); }

  std::unique_ptr<definition_keeper> open() {
    known = std::make_unique<known_newest>(data, own, ca.known, [] { return noon; });
    REQUIRE(known->open());
    auto made =
        std::make_unique<definition_keeper>(self, data, ca.known, *known, events, [] { return noon; });
    REQUIRE(made->open());
    hear(0);
    return made;
  }
  void hear(std::uint64_t newest) {
    auto now = std::chrono::duration_cast<std::chrono::milliseconds>(noon.time_since_epoch()).count();
    REQUIRE(known->hear(sign_word({"three-hubs", newest, 1, now}, *manager), "three-hubs"));
  }
  auto load(const std::string& node = "HOST1") { return load_definition(data, node, *ca.known, *known); }
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
  std::shared_ptr<const identity> own;
  std::unique_ptr<known_newest> known;
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
  auto stored = host.load();
  REQUIRE(stored);
  CHECK((*stored)->self->node == "HOST1");
  CHECK_FALSE(host.load("HOST2"));
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
  auto refused = host.load();
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

namespace {

std::string content_of_file(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void put_file(const fs::path& path, std::string_view content) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << content;
}

} // namespace

TEST_CASE("a stored definition counts only if a manager of this network signed it") {
  kept_node host{"HOST1"};
  auto keeper = host.open();
  REQUIRE(host.take(*keeper, host.definition_of("HOST1", 5)));
  auto content = json_of(host.net.compile("HOST1")).dump();
  definition_record record{"three-hubs", "HOST1", 6, content};
  signing_ca stranger;
  for (const auto& who :
       {stranger.identity_of("MGR", role::manager), host.ca.identity_of("MGR", role::server),
        host.ca.identity_of("HOST1", role::client)}) {
    put_file(host.data / "definition.signed", as_text(*sign_definition(record, *who)));
    auto refused = host.load();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::bad_config);
    CHECK(refused.error().text.find("definition.signed") != std::string::npos);
  }
}

TEST_CASE("an older definition that is put back is not gone by") {
  kept_node host{"HOST1"};
  auto keeper = host.open();
  REQUIRE(host.take(*keeper, host.definition_of("HOST1", 5)));
  auto older = content_of_file(host.data / "definition.signed");
  REQUIRE(host.take(*keeper, host.definition_of("HOST1", 6)));
  put_file(host.data / "definition.signed", older);
  keeper.reset();
  host.known = std::make_unique<known_newest>(host.data, host.own, host.ca.known, [] { return noon; });
  REQUIRE(host.known->open());
  CHECK_FALSE(host.load());
  fs::remove(host.data / "definition.signed"); // what its operator may do
  keeper = host.open();
  CHECK(host.take(*keeper, host.definition_of("HOST1", 5)).error().code == errc::superseded);
  CHECK(*host.take(*keeper, host.definition_of("HOST1", 7)) == 7);
}

TEST_CASE("what a node notes for itself nobody else can write") {
  kept_node host{"HOST1"};
  auto keeper = host.open();
  REQUIRE(host.take(*keeper, host.definition_of("HOST1", 5)));
  auto reopened = [&] {
    return known_newest{host.data, host.own, host.ca.known, [] { return noon; }}.open();
  };
  CHECK(reopened());
  auto genuine = content_of_file(host.data / "known.signed");
  for (std::size_t i = 0; i < genuine.size(); i += 7) {
    auto altered = genuine;
    altered[i] ^= 1;
    put_file(host.data / "known.signed", altered);
    CHECK_FALSE(reopened());
  }
  known_newest of_other{host.data, host.ca.identity_of("HOST2", role::client), host.ca.known,
                        [] { return noon; }};
  of_other.note_list(1);
  CHECK_FALSE(reopened());
}

TEST_CASE("an old list of revoked certificates keeps a node from starting") {
  kept_node host{"HOST1"};
  host.open();
  host.known->note_list(2);
  auto refused = known_newest{host.data, host.own, host.ca.known, [] { return noon; }}.open();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text.find("crl.pem") != std::string::npos);
}

TEST_CASE("a definition that a manager calls old is not taken") {
  kept_node host{"HOST1"};
  auto keeper = host.open();
  host.hear(7);
  CHECK(host.take(*keeper, host.definition_of("HOST1", 6)).error().code == errc::superseded);
  CHECK(*host.take(*keeper, host.definition_of("HOST1", 7)) == 7);
  keeper = host.open();
  CHECK(host.known->word()->version == 7); // it is kept, and an older word changes nothing
}

TEST_CASE("a first definition needs a manager's word") {
  kept_node host{"HOST1"};
  host.known = std::make_unique<known_newest>(host.data, host.own, host.ca.known, [] { return noon; });
  REQUIRE(host.known->open());
  definition_keeper keeper{host.self,   host.data,   host.ca.known,
                           *host.known, host.events, [] { return noon; }};
  CHECK(host.take(keeper, host.definition_of("HOST1", 6)).error().code == errc::not_authorised);
  CHECK(host.taken == 0);
}
