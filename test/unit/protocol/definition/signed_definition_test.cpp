#include "protocol/definition/signed_definition.hpp"
#include "support/catch.hpp"
#include "test_ca.hpp"

using namespace hublink;
using namespace hublink::test;

namespace {

const definition_record example{"net", "HOST1", 17, R"({"role":"client"})"};

struct signer {
  test_ca ca;
  std::shared_ptr<const identity> manager = ca.identity_of("MGR", role::manager);
  std::shared_ptr<const hublink::trust> trust = ca.trust();
};

} // namespace

TEST_CASE("a definition reads as it was signed") {
  signer net;
  auto made = sign_definition(example, *net.manager);
  REQUIRE(made);
  auto read = verify_definition(*made, *net.trust, noon);
  REQUIRE(read);
  CHECK(read->record == example);
  CHECK(read->by == "MGR");
  CHECK(read_definition(*made, *net.trust)->record == example);
}

TEST_CASE("a definition that was altered anywhere is refused") {
  signer net;
  auto made = *sign_definition(example, *net.manager);
  for (std::size_t i = 0; i < made.size(); ++i) {
    made[i] ^= std::byte{1};
    CHECK_FALSE(verify_definition(made, *net.trust, noon));
    made[i] ^= std::byte{1};
  }
  CHECK(verify_definition(made, *net.trust, noon));
}

TEST_CASE("only a manager of this network, whose certificate counts, signs definitions") {
  signer net;
  for (auto who : {role::server, role::client}) {
    auto refused =
        verify_definition(*sign_definition(example, *net.ca.identity_of("S", who)), *net.trust, noon);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::not_authorised);
  }
  signer other;
  CHECK_FALSE(verify_definition(*sign_definition(example, *other.manager), *net.trust, noon));
  auto gone = net.ca.issue("MGR2", role::manager);
  net.ca.revoke(gone);
  auto by_gone = *sign_definition(example, *to_identity(gone));
  auto refused = verify_definition(by_gone, *net.ca.trust(), noon);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::not_authorised);
  CHECK(read_definition(by_gone, *net.ca.trust())); // what was stored before stays readable
}

TEST_CASE("a list of revocations is renewed by newer ones of this CA alone") {
  test_ca network, other;
  auto host = network.issue("HOST1");
  auto ca = *trust::make(network.ca().cert_pem, network.crl());
  auto certificate = to_identity(host);
  CHECK(ca->check(certificate->certificate(), noon)); // and is remembered
  auto old_list = network.crl();
  network.revoke(host);
  CHECK(*ca->renew(network.crl()));
  CHECK_FALSE(ca->check(certificate->certificate(), noon));
  CHECK_FALSE(*ca->renew(old_list));
  CHECK_FALSE(*ca->renew(network.crl()));
  CHECK_FALSE(ca->check(certificate->certificate(), noon));
  other.revoke(host);
  other.revoke(host);
  other.revoke(host);
  CHECK(ca->renew(other.crl()).error().code == errc::tampered);
  CHECK_FALSE(ca->renew("no list"));
}
