#include "node/trust/certificate_list.hpp"
#include "node/trust/keys.hpp"
#include "support/catch.hpp"

#include "node/base/small_file.hpp"
#include "protocol/trust/issuer.hpp"

#include <cstdlib>

#include <sys/stat.h>

using namespace hublink;
using Catch::Contains;
namespace fs = std::filesystem;
using std::chrono::hours;

namespace {

const auto now = trust::clock_time{hours{24 * 365 * 55}};

struct scratch {
  scratch() {
    std::string name = (fs::temp_directory_path() / "hublink-keys-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~scratch() { fs::remove_all(path); }
  fs::path path;
};

keys_order order_in(const fs::path& out) {
  return {out, "three-hubs", {{"ServerA", role::server}, {"HOST1", role::client}, {"HOST2", role::client}}};
}

unsigned mode_of(const fs::path& path) {
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 0777;
}

std::string refusal(const fs::path& folder, const std::string& name, role expected,
                    trust::clock_time when = now) {
  auto keys = load_keys(folder, name, expected, when);
  REQUIRE_FALSE(keys);
  CHECK(keys.error().code == errc::bad_config);
  CHECK(keys.error().text.find('\n') == std::string::npos);
  return keys.error().text;
}

std::string text_of(const fs::path& path) {
  auto text = read_small_file(path);
  REQUIRE(text);
  return *text;
}

} // namespace

TEST_CASE("keys are made for every node, and only its owner can read them") {
  scratch dir;
  auto report = make_keys(order_in(dir.path / "keys"), now);
  REQUIRE(report);
  CHECK(report->made == std::vector<std::string>{"ServerA", "HOST1", "HOST2"});
  CHECK(report->problems.empty());
  CHECK(mode_of(dir.path / "keys") == 0700);
  CHECK(mode_of(dir.path / "keys/ca") == 0700);
  CHECK(mode_of(dir.path / "keys/ca/key.pem") == 0600);
  CHECK(mode_of(dir.path / "keys/HOST1") == 0700);
  CHECK(mode_of(dir.path / "keys/HOST1/key.pem") == 0600);

  auto host = load_keys(dir.path / "keys/HOST1", "HOST1", role::client, now);
  REQUIRE(host);
  CHECK(host->id->name() == "HOST1");
  CHECK(fs::exists(host->cert_path));
  CHECK(fs::exists(host->key_path));
  CHECK(fs::exists(host->ca_path));
  CHECK(fs::exists(host->crl_path));
  auto server = load_keys(dir.path / "keys/ServerA", "ServerA", role::server, now);
  REQUIRE(server);
  CHECK(host->ca->check(server->id->certificate(), now));
}

TEST_CASE("keys that are there are kept, and new nodes get theirs from the same CA") {
  scratch dir;
  auto order = order_in(dir.path);
  REQUIRE(make_keys(order, now));
  auto before = text_of(dir.path / "HOST1/cert.pem");
  order.nodes.emplace_back("HOST3", role::client);
  auto report = make_keys(order, now);
  REQUIRE(report);
  CHECK(report->made == std::vector<std::string>{"HOST3"});
  CHECK(text_of(dir.path / "HOST1/cert.pem") == before);
  auto old = load_keys(dir.path / "HOST1", "HOST1", role::client, now);
  auto young = load_keys(dir.path / "HOST3", "HOST3", role::client, now);
  REQUIRE((old && young));
  CHECK(old->ca->check(young->id->certificate(), now));
}

TEST_CASE("what was left half-made by a killed run is made anew") {
  scratch dir;
  fs::create_directories(dir.path / ".ca.new");
  fs::create_directories(dir.path / ".HOST1.new");
  REQUIRE(write_small_file(dir.path / ".HOST1.new/key.pem", "half a k", 0600));
  REQUIRE(make_keys(order_in(dir.path), now));
  CHECK(load_keys(dir.path / "HOST1", "HOST1", role::client, now));
}

TEST_CASE("a revoked node is known to all as revoked, also by certificates of before") {
  scratch dir;
  auto order = order_in(dir.path);
  REQUIRE(make_keys(order, now));
  auto first = text_of(dir.path / "HOST1/cert.pem");
  fs::rename(dir.path / "HOST1", dir.path / ".stolen");
  REQUIRE(make_keys(order, now)); // HOST1 has its second certificate now

  auto renewed = revoke_keys(dir.path, "HOST1", now);
  REQUIRE(renewed);
  CHECK(*renewed == std::vector<std::string>{".stolen", "HOST1", "HOST2", "ServerA"});
  CHECK_THAT(refusal(dir.path / "HOST1", "HOST1", role::client), Contains("was revoked"));
  CHECK_THAT(refusal(dir.path / ".stolen", "HOST1", role::client), Contains("was revoked"));
  CHECK(load_keys(dir.path / "HOST2", "HOST2", role::client, now));

  auto report = make_keys(order, now);
  REQUIRE(report);
  CHECK(report->made.empty());
  REQUIRE(report->problems.size() == 1);
  CHECK_THAT(report->problems[0], Contains("HOST1") && Contains("revoked") && Contains("remove"));
  fs::remove_all(dir.path / "HOST1");
  REQUIRE(make_keys(order, now));
  CHECK(load_keys(dir.path / "HOST1", "HOST1", role::client, now));
}

TEST_CASE("a list that a killed revocation left behind is handed out by the next run") {
  scratch dir;
  REQUIRE(make_keys(order_in(dir.path), now));
  auto old = text_of(dir.path / "HOST2/crl.pem");
  REQUIRE(revoke_keys(dir.path, "HOST1", now));
  REQUIRE(write_small_file(dir.path / "HOST2/crl.pem", old, 0644));
  REQUIRE(make_keys(order_in(dir.path), now));
  CHECK(text_of(dir.path / "HOST2/crl.pem") == text_of(dir.path / "ca/crl.pem"));
}

TEST_CASE("folders of others in the same place are left alone") {
  scratch dir;
  fs::create_directories(dir.path / "web");
  REQUIRE(write_small_file(dir.path / "web/cert.pem", "theirs", 0644));
  REQUIRE(make_keys(order_in(dir.path), now));
  REQUIRE(revoke_keys(dir.path, "HOST1", now));
  CHECK_FALSE(fs::exists(dir.path / "web/crl.pem"));
}

TEST_CASE("unusable keys are refused with one clear line") {
  scratch dir, elsewhere;
  REQUIRE(make_keys(order_in(dir.path), now));
  REQUIRE(make_keys(order_in(elsewhere.path), now));
  auto host = dir.path / "HOST1";

  CHECK_THAT(refusal(host, "HOST2", role::client), Contains("cert.pem is of HOST1, not of HOST2"));
  CHECK_THAT(refusal(host, "HOST1", role::server), Contains("is of a client, but HOST1 is a server"));
  CHECK_THAT(refusal(host, "HOST1", role::client, now + hours{24 * 731}),
             Contains("cert.pem") && Contains("expired"));
  CHECK_THAT(refusal(host, "HOST1", role::client, now - hours{2}), Contains("not valid before"));
  CHECK_THAT(refusal(dir.path / "HOST9", "HOST9", role::client), Contains("there is no private key") && Contains("HOST9/key.pem"));

  fs::permissions(host / "key.pem", fs::perms::group_read, fs::perm_options::add);
  CHECK_THAT(refusal(host, "HOST1", role::client), Contains("key.pem can be read by others"));
  fs::permissions(host / "key.pem", fs::perms::group_read, fs::perm_options::remove);
  REQUIRE(load_keys(host, "HOST1", role::client, now));

  auto swap = [&](const char* file, const fs::path& with, const std::string& expected) {
    auto before = text_of(host / file);
    REQUIRE(write_small_file(host / file, text_of(with), 0600));
    CHECK_THAT(refusal(host, "HOST1", role::client), Contains(expected));
    REQUIRE(write_small_file(host / file, before, 0600));
  };
  swap("key.pem", dir.path / "HOST2/key.pem", "does not belong to the certificate");
  swap("ca.pem", elsewhere.path / "HOST1/ca.pem", "revocation list is not signed by this CA");
  fs::copy_file(elsewhere.path / "HOST1/crl.pem", host / "crl.pem", fs::copy_options::overwrite_existing);
  swap("ca.pem", elsewhere.path / "HOST1/ca.pem", "not of this network's CA");

  fs::remove(host / "crl.pem");
  CHECK_THAT(refusal(host, "HOST1", role::client), Contains("crl.pem can't be read"));
}

TEST_CASE("names that can't be folders, and unknown ones, are refused before anything is made") {
  scratch dir;
  for (auto name : {"ca", "..", "a/b", "", ".hidden"}) {
    auto order = order_in(dir.path / "keys");
    order.nodes.emplace_back(name, role::client);
    auto report = make_keys(order, now);
    REQUIRE_FALSE(report);
    CHECK(report.error().code == errc::bad_config);
  }
  CHECK_FALSE(fs::exists(dir.path / "keys"));
  CHECK_FALSE(revoke_keys(dir.path, "HOST1", now));
  REQUIRE(make_keys(order_in(dir.path / "keys"), now));
  auto unknown = revoke_keys(dir.path / "keys", "HOST9", now);
  REQUIRE_FALSE(unknown);
  CHECK_THAT(unknown.error().text, Contains("never issued a certificate to HOST9"));
  CHECK_FALSE(revoke_keys(dir.path / "keys", "../ca/cert", now));
}

TEST_CASE("a sender of broadcasts gets its recipients' certificates, and new ones when they change") {
  scratch at;
  auto order = order_in(at.path);
  order.recipients["HOST1"] = {"HOST2"};
  REQUIRE(make_keys(order, now));
  auto keys = load_keys(at.path / "HOST1", "HOST1", role::client, now);
  REQUIRE(keys);
  REQUIRE(keys->recipients.count("HOST2"));
  auto holder = keys->ca->check(keys->recipients.at("HOST2"), now);
  REQUIRE(holder);
  CHECK(holder->name == "HOST2");
  CHECK(load_keys(at.path / "HOST2", "HOST2", role::client, now)->recipients.empty());

  auto before = keys->recipients.at("HOST2");
  fs::remove_all(at.path / "HOST2");
  REQUIRE(make_keys(order, now));
  keys = load_keys(at.path / "HOST1", "HOST1", role::client, now);
  REQUIRE(keys);
  CHECK(keys->recipients.at("HOST2") != before);
}

TEST_CASE("a list of recipients that can't be read is said by its path") {
  scratch at;
  REQUIRE(make_keys(order_in(at.path), now));
  REQUIRE(write_small_file(at.path / "HOST1" / "recipients.pem", "no certificate", 0644));
  CHECK_THAT(refusal(at.path / "HOST1", "HOST1", role::client), Contains("recipients.pem"));
}

TEST_CASE("the CA's key is encrypted, and asked for only where something is signed") {
  scratch dir;
  int asked = 0;
  auto order = order_in(dir.path);
  std::string given = "a long passphrase";
  order.passphrase = [&](bool) -> outcome<secret> {
    ++asked;
    return secret{std::string{given}};
  };
  REQUIRE(make_keys(order, now));
  CHECK(asked == 1);
  CHECK(is_locked(text_of(dir.path / "ca/key.pem")));
  CHECK_FALSE(is_locked(text_of(dir.path / "HOST1/key.pem")));
  REQUIRE(make_keys(order, now)); // all is there
  CHECK(asked == 1);

  fs::remove_all(dir.path / "HOST1");
  given = "another passphrase";
  auto refused = make_keys(order, now);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().text, Contains("ca/key.pem: the passphrase is not that of the key"));
  CHECK_FALSE(fs::exists(dir.path / "HOST1"));
  CHECK_THAT(revoke_keys(dir.path, "HOST2", now).error().text, Contains("is encrypted"));
  given = "a long passphrase";
  REQUIRE(make_keys(order, now));
  CHECK(load_keys(dir.path / "HOST1", "HOST1", role::client, now));
  CHECK(revoke_keys(dir.path, "HOST2", now, order.passphrase));
  CHECK_THAT(lock_ca(dir.path, order.passphrase).error().text, Contains("is encrypted already"));
}

TEST_CASE("the key of a CA without a passphrase is encrypted later") {
  scratch dir;
  auto order = order_in(dir.path);
  REQUIRE(make_keys(order, now));
  CHECK_FALSE(is_locked(text_of(dir.path / "ca/key.pem")));
  CHECK_FALSE(lock_ca(dir.path, no_passphrase));
  order.passphrase = [](bool) -> outcome<secret> { return secret{"a long passphrase"}; };
  REQUIRE(lock_ca(dir.path, order.passphrase));
  CHECK(is_locked(text_of(dir.path / "ca/key.pem")));
  CHECK(mode_of(dir.path / "ca/key.pem") == 0600);
  fs::remove_all(dir.path / "HOST1");
  REQUIRE(make_keys(order, now));
  CHECK(load_keys(dir.path / "HOST1", "HOST1", role::client, now));
}

TEST_CASE("a key folder that others could have written is refused") {
  scratch dir;
  REQUIRE(make_keys(order_in(dir.path), now));
  auto host = dir.path / "HOST1";
  CHECK(check_key_folder(host));
  auto refusal_of = [&](const fs::path& path, fs::perms more) {
    fs::permissions(path, more, fs::perm_options::add);
    auto refused = check_key_folder(host);
    fs::permissions(path, more, fs::perm_options::remove);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().text == path.string() + " can be written by others: chmod go-w it");
  };
  refusal_of(host, fs::perms::group_write);
  for (auto* name : {"ca.pem", "crl.pem", "cert.pem", "key.pem"})
    refusal_of(host / name, fs::perms::others_write);
}

TEST_CASE("a folder of keys lists how its certificates stand") {
  scratch dir;
  auto order = order_in(dir.path / "keys");
  order.days = 100;
  REQUIRE(make_keys(order, now));
  auto listed = list_certificates(order.out, now);
  REQUIRE(listed);
  REQUIRE(listed->nodes.size() == 3);
  CHECK(listed->nodes[0].name == "HOST1");
  CHECK(listed->nodes[0].role == role::client);
  CHECK(listed->nodes[0].state == certificate_state::valid);
  CHECK(listed->nodes[0].until == now + hours{24 * 100});
  CHECK(listed->ca_until > now + hours{24 * 3650});
  CHECK(list_certificates(order.out, now + hours{24 * 71})->nodes[0].state ==
        certificate_state::expires_soon);
  auto late = list_certificates(order.out, now + hours{24 * 101})->nodes[0];
  CHECK(late.state == certificate_state::ended);
  CHECK(late.until == now + hours{24 * 100});
  CHECK_THAT(late.reason, Contains("expired"));
  REQUIRE(revoke_keys(order.out, "HOST1", now));
  auto revoked = list_certificates(order.out / "HOST1", now)->nodes.at(0);
  CHECK(revoked.name == "HOST1");
  CHECK(revoked.state == certificate_state::ended);
  CHECK_THAT(revoked.reason, Contains("revoked"));
  CHECK_FALSE(list_certificates(dir.path, now));
  CHECK_FALSE(list_certificates(dir.path / "nowhere", now));
}

TEST_CASE("a list made in one folder has what another one's list has") {
  scratch dir;
  REQUIRE(make_keys(order_in(dir.path / "one"), now));
  fs::copy(dir.path / "one", dir.path / "two", fs::copy_options::recursive);
  REQUIRE(revoke_keys(dir.path / "two", "HOST1", now));
  REQUIRE(revoke_keys(dir.path / "two", "HOST1", now));
  auto newer = *read_small_file(dir.path / "two/ca/crl.pem");
  REQUIRE(revoke_keys(dir.path / "one", "HOST2", now, no_passphrase, {.list = newer}));
  auto ca = *trust::make(*read_small_file(dir.path / "one/ca/cert.pem"),
                         *read_small_file(dir.path / "one/ca/crl.pem"));
  CHECK(ca->list_number() == 4);
  for (auto* host : {"HOST1", "HOST2"})
    CHECK_THAT(refusal(dir.path / "one" / host, host, role::client), Contains("revoked"));
  REQUIRE(make_keys(order_in(dir.path / "other"), now));
  auto foreign = revoke_keys(dir.path / "one", "HOST2", now, no_passphrase,
                             {.list = *read_small_file(dir.path / "other/ca/crl.pem")});
  CHECK_THAT(foreign.error().text, Contains("not that of this network"));
}

TEST_CASE("a CA that a manager holds signs for keys that others made, and can take that back") {
  scratch dir;
  auto order = order_in(dir.path / "keys");
  order.passphrase = [](bool) -> outcome<secret> { return secret{std::string{"correct horse"}}; };
  REQUIRE(make_keys(order, now));
  fs::create_directory(dir.path / "MGR");
  REQUIRE_FALSE(entrust_ca(order.out, dir.path / "MGR", no_passphrase));
  REQUIRE(entrust_ca(order.out, dir.path / "MGR", order.passphrase));
  CHECK(mode_of(dir.path / "MGR/ca/key.pem") == 0600);
  CHECK(mode_of(dir.path / "MGR/ca") == 0700);
  CHECK_THAT(entrust_ca(order.out, dir.path / "MGR", order.passphrase).error().text,
             Contains("is there already"));
  auto key = make_private_key();
  auto request = *read_signing_request(*make_signing_request("HOST9", key.view(), {}));
  auto made = sign_keys({.out = dir.path / "MGR", .request = request, .holder = role::server}, now);
  REQUIRE(made);
  auto own = *identity::make(made->certificate, key.view());
  auto ca = *trust::make(made->ca, made->list);
  CHECK(ca->check(own->certificate(), now)->role == role::server);
  REQUIRE(revoke_keys(dir.path / "MGR", "HOST9", now));
  REQUIRE(*ca->renew(*read_small_file(dir.path / "MGR/ca/crl.pem")));
  CHECK_FALSE(ca->check(own->certificate(), now));
  REQUIRE(revoke_keys(dir.path / "MGR", "HOST1", now)); // issued before it was entrusted
  CHECK_FALSE(sign_keys({.out = dir.path, .request = request, .holder = role::client}, now));
}
