#include "protocol/trust/credentials.hpp"
#include "support/catch.hpp"

#include "test_ca.hpp"

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;
using std::chrono::hours;

namespace {

const test_ca& ours() {
  static const test_ca made;
  return made;
}

} // namespace

TEST_CASE("a certificate of the network's CA says who holds it") {
  auto host = ours().identity_of("HOST1");
  auto hub = ours().identity_of("Hub-東", role::server);
  auto ca = ours().trust();

  auto found = ca->check(host->certificate(), noon);
  REQUIRE(found);
  CHECK(found->name == "HOST1");
  CHECK(found->role == role::client);
  CHECK(host->name() == "HOST1");
  found = ca->check(hub->certificate(), noon);
  REQUIRE(found);
  CHECK(found->name == "Hub-東");
  CHECK(found->role == role::server);
}

TEST_CASE("a certificate that must not count is refused with what is wrong") {
  test_ca network, twin; // the twin's CA has the same name
  auto gone = network.issue("GONE");
  network.revoke(gone);
  auto ca = network.trust();
  auto why = [&](byte_view certificate, trust::clock_time now = noon) {
    auto found = ca->check(certificate, now);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == errc::not_authorised);
    return found.error().text;
  };
  auto host = network.identity_of("HOST1");

  CHECK_THAT(why(to_identity(gone)->certificate()), Contains("GONE: its certificate was revoked"));
  CHECK_THAT(why(twin.identity_of("HOST1")->certificate()), Contains("not of this network's CA"));
  CHECK_THAT(why(test_ca{"other"}.identity_of("HOST1")->certificate()), Contains("not of this network's CA"));
  auto early = network.identity_of("EARLY", role::client, {noon + hours{1}, noon + hours{2}});
  CHECK_THAT(why(early->certificate()),
             Contains("EARLY: its certificate is not valid before 2019-12-20T01:00:00Z"));
  auto late = network.identity_of("LATE", role::client, {noon - hours{2}, noon - hours{1}});
  CHECK_THAT(why(late->certificate()), Contains("LATE: its certificate expired at 2019-12-19T23:00:00Z"));
  CHECK(ca->check(host->certificate(), noon));
  CHECK_THAT(why(as_bytes("no certificate")), Contains("can't be read"));
  bytes longer(host->certificate().begin(), host->certificate().end());
  longer.push_back(std::byte{0});
  CHECK_THAT(why(longer), Contains("can't be read"));
}

TEST_CASE("a certificate that was altered anywhere does not count") {
  auto host = ours().identity_of("HOST1");
  auto ca = ours().trust();
  bytes altered(host->certificate().begin(), host->certificate().end());
  for (std::size_t i = 0; i < altered.size(); ++i) {
    altered[i] ^= std::byte{1};
    CHECK_FALSE(ca->check(altered, noon));
    altered[i] ^= std::byte{1};
  }
  CHECK(ca->check(altered, noon));
}

TEST_CASE("the CA's own certificate is no node's") {
  auto found = identity::make(ours().ca().cert_pem, ours().ca().key_pem);
  CHECK_FALSE(found); // it names no role
  CHECK(found.error().code == errc::bad_config);
}

TEST_CASE("a node can't act as a CA") {
  auto host = ours().issue("HOST1");
  auto forged = issue(host, "HOST2", role::client, around_noon);
  CHECK_FALSE(forged); // the issuer refuses, and trust::check allows no certificate in between anyway
}

TEST_CASE("a revocation list counts also when a new one is overdue") {
  validity long_after{noon, noon + hours{24 * 9}};
  auto ca = *make_ca("network", long_after);
  auto gone = *issue(ca, "GONE", role::client, long_after),
       host = *issue(ca, "HOST1", role::client, long_after);
  auto known = *trust::make(ca.cert_pem, *make_crl(ca, "", gone.cert_pem, around_noon));
  CHECK(known->check(to_identity(host)->certificate(), noon + hours{48}));
  CHECK_FALSE(known->check(to_identity(gone)->certificate(), noon + hours{48}));
}

TEST_CASE("a new list keeps what the old one lists") {
  test_ca network;
  auto first = network.issue("A"), second = network.issue("B");
  network.revoke(first);
  network.revoke(second);
  network.revoke(second);
  auto ca = network.trust();
  CHECK_FALSE(ca->check(to_identity(first)->certificate(), noon));
  CHECK_FALSE(ca->check(to_identity(second)->certificate(), noon));
}

TEST_CASE("a CA that can't be used is bad configuration") {
  auto text = [](const std::string& ca, const std::string& crl) {
    auto made = trust::make(ca, crl);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == errc::bad_config);
    return made.error().text;
  };
  test_ca other;
  CHECK_THAT(text("", ours().crl()), Contains("CA certificate is not PEM"));
  CHECK_THAT(text(ours().ca().cert_pem, ""), Contains("revocation list is not PEM"));
  CHECK_THAT(text(ours().ca().cert_pem, other.crl()), Contains("not signed by this CA"));
  CHECK_THAT(text(ours().issue("HOST1").cert_pem, ours().crl()), Contains("not one of a CA"));
}

TEST_CASE("a key of another certificate makes no identity") {
  auto made = identity::make(ours().issue("A").cert_pem, ours().issue("A").key_pem);
  REQUIRE_FALSE(made);
  CHECK_THAT(made.error().text, Contains("does not belong"));
  CHECK_FALSE(identity::make(ours().issue("A").cert_pem, "no key"));
}

TEST_CASE("a signature holds for its data and its key alone") {
  auto host = ours().identity_of("HOST1"), other = ours().identity_of("HOST2");
  auto ca = ours().trust();
  auto signature = host->sign(as_bytes("data"));
  CHECK(ca->verify(host->certificate(), as_bytes("data"), signature));
  CHECK_FALSE(ca->verify(host->certificate(), as_bytes("date"), signature));
  CHECK_FALSE(ca->verify(other->certificate(), as_bytes("data"), signature));
  CHECK_FALSE(ca->verify(host->certificate(), as_bytes("data"), {}));
  CHECK_FALSE(ca->verify(as_bytes("none"), as_bytes("data"), signature));
}

TEST_CASE("a certificate that was good is remembered, and looked at again when its time is over") {
  test_ca ca;
  auto holder = ca.identity_of("HOST1");
  auto trust = ca.trust();
  for (int i = 0; i < 2; ++i) {
    CHECK(trust->check(holder->certificate(), noon));
    CHECK_FALSE(trust->check(holder->certificate(), noon + std::chrono::hours{25}));
    CHECK_FALSE(trust->check(holder->certificate(), noon - std::chrono::hours{25}));
    auto signature = holder->sign(as_bytes("text"));
    CHECK(trust->verify(holder->certificate(), as_bytes("text"), signature));
    CHECK_FALSE(trust->verify(holder->certificate(), as_bytes("other text"), signature));
    CHECK_FALSE(trust->verify(ca.identity_of("HOST1")->certificate(), as_bytes("text"), signature));
    auto sealed = trust->seal(envelope_secret{std::byte{1}}, holder->certificate(), as_bytes("info"));
    REQUIRE(sealed);
    CHECK(holder->open_envelope(*sealed, as_bytes("info")));
  }
  auto changed = bytes{holder->certificate().begin(), holder->certificate().end()};
  changed.back() ^= std::byte{1}; // in the CA's signature
  CHECK_FALSE(trust->check(changed, noon));
}
