#include "support/catch.hpp"
#include "test_ca.hpp"

#include "protocol/trust/ca_mark.hpp"
#include "protocol/trust/issuer.hpp"
#include "protocol/trust/signing_request.hpp"

namespace hublink::test {
namespace {

struct enrolling {
  test_ca network;
  network_mark mark = network.trust()->network();
  invitation_code code = *invitation_code::make(mark);
  secret key = make_private_key();
};

TEST_CASE("a code is read as it was typed, and every slip is found") {
  enrolling with;
  auto text = std::string{with.code.text().view()};
  CHECK(text.size() == 12 * 5 - 1);
  CHECK(invitation_code::read(text)->verifier() == with.code.verifier());
  auto lower = text;
  for (auto& each : lower) each = each == '-' ? ' ' : static_cast<char>(std::tolower(each));
  CHECK(invitation_code::read(lower)->verifier() == with.code.verifier());
  CHECK_FALSE(invitation_code::read(""));
  CHECK_FALSE(invitation_code::read(text + "0"));
  CHECK_FALSE(invitation_code::read(text.substr(1)));
  CHECK_FALSE(invitation_code::read(std::string(48, 'U')));
  CHECK_FALSE(invitation_code::read(std::string(100'000, '0')));
  std::size_t passed = 0, tried = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '-') continue;
    auto slip = text;
    slip[at] = text[at] == '7' ? '8' : '7';
    auto read = invitation_code::read(slip);
    ++tried;
    passed += read && read->verifier() != with.code.verifier();
    CHECK((!read || read->verifier() != with.code.verifier()));
  }
  CHECK(passed < tried / 4); // one in 256 on average
}

TEST_CASE("two codes are different, and of one network") {
  enrolling with;
  auto other = *invitation_code::make(with.mark);
  CHECK(other.verifier() != with.code.verifier());
  CHECK(other.is_for(with.mark));
  CHECK_FALSE(other.is_for(test_ca{"other"}.trust()->network()));
}

TEST_CASE("a signing request proves the key and the code") {
  enrolling with;
  auto packed = *make_signing_request("HOST1", with.key.view(), with.code);
  CHECK(packed.size() < max_signing_request);
  auto read = read_signing_request(packed);
  REQUIRE(read);
  CHECK(read->node == "HOST1");
  CHECK(read->proves(with.code.verifier()));
  CHECK_FALSE(read->proves(invitation_code::make(with.mark)->verifier()));
  auto none = read_signing_request(*make_signing_request("HOST1", with.key.view(), {}));
  CHECK_FALSE(none->proves(with.code.verifier()));
  auto renamed = *read;
  renamed.node = "HOST2";
  CHECK_FALSE(renamed.proves(with.code.verifier()));
  auto rekeyed = *read;
  rekeyed.key = read_signing_request(*make_signing_request("HOST1", make_private_key().view(), {}))->key;
  CHECK_FALSE(rekeyed.proves(with.code.verifier()));
}

TEST_CASE("no bit of a signing request can be altered") {
  enrolling with;
  auto packed = *make_signing_request("HOST1", with.key.view(), with.code);
  for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
    auto altered = packed;
    altered[bit / 8] ^= std::byte(1 << bit % 8);
    auto read = read_signing_request(altered);
    CHECK((!read || !read->proves(with.code.verifier())));
  }
  for (std::size_t size = 0; size < packed.size(); ++size)
    CHECK_FALSE(read_signing_request(byte_view{packed}.first(size)));
  CHECK_FALSE(read_signing_request(bytes(max_signing_request + 1)));
}

TEST_CASE("a signing request as a file") {
  enrolling with;
  auto packed = *make_signing_request("HOST1", with.key.view(), {});
  auto text = to_pem(packed);
  CHECK(*signing_request_in(text) == packed);
  CHECK_FALSE(signing_request_in("nonsense"));
  CHECK(fingerprint_of(*read_signing_request(packed)).size() == 19);
}

TEST_CASE("what the CA certifies is the key's, and counts") {
  enrolling with;
  auto request = *read_signing_request(*make_signing_request("HOST1", with.key.view(), with.code));
  auto certificate = certify(with.network.ca(), request.key, request.node, role::server, around_noon);
  REQUIRE(certificate);
  auto own = identity::make(*certificate, with.key.view());
  REQUIRE(own);
  auto holder = with.network.trust()->check((*own)->certificate(), noon);
  REQUIRE(holder);
  CHECK(holder->name == "HOST1");
  CHECK(holder->role == role::server);
  CHECK_FALSE(certify(with.network.ca(), bytes(65), "HOST1", role::client, around_noon));
}

TEST_CASE("a CA is known by its mark before it is read") {
  enrolling with;
  CHECK(*mark_of_ca(with.network.ca().cert_pem) == with.mark);
  CHECK(with.code.is_for(*mark_of_ca(with.network.ca().cert_pem)));
  CHECK_FALSE(mark_of_ca(with.network.issue("HOST1").cert_pem)); // not with its own key
  CHECK_FALSE(mark_of_ca(""));
  CHECK_FALSE(mark_of_ca(with.network.ca().cert_pem + std::string(max_ca_pem, '\n')));
}

TEST_CASE("a list of two keeps what either has") {
  test_ca network;
  auto one = network.issue("HOST1"), two = network.issue("HOST2");
  auto first = *make_crl(network.ca(), network.crl(), one.cert_pem, around_noon);
  auto higher = *make_crl(network.ca(), *make_crl(network.ca(), network.crl(), "", around_noon), two.cert_pem,
                          around_noon);
  auto both = *make_crl(network.ca(), first, "", around_noon, higher);
  auto known = *trust::make(network.ca().cert_pem, both);
  CHECK(known->list_number() == 4);
  CHECK_FALSE(known->check(to_identity(one)->certificate(), noon));
  CHECK_FALSE(known->check(to_identity(two)->certificate(), noon));
}

TEST_CASE("a request to renew is proven by the certificate that still counts") {
  enrolling with;
  auto self = with.network.identity_of("HOST1");
  auto ca = with.network.trust();
  auto packed = *make_renewal_request(*self, with.key.view());
  CHECK(packed.size() < max_signing_request);
  auto read = read_signing_request(packed);
  REQUIRE(read);
  CHECK(read->is_renewal());
  auto holder = check_renewal(*read, *ca, noon);
  REQUIRE(holder);
  CHECK(holder->name == "HOST1");
  CHECK(holder->role == role::client);
  CHECK_FALSE(check_renewal(*read, *ca, around_noon.until));
  auto rekeyed = *read;
  rekeyed.key = read_signing_request(*make_signing_request("HOST1", make_private_key().view(), {}))->key;
  CHECK_FALSE(check_renewal(rekeyed, *ca, noon));
  auto shown_only = *read;
  auto other = with.network.identity_of("HOST1");
  shown_only.current.assign(other->certificate().begin(), other->certificate().end());
  CHECK_FALSE(check_renewal(shown_only, *ca, noon));
  auto renamed = *read;
  renamed.node = "HOST2";
  CHECK_FALSE(check_renewal(renamed, *ca, noon));
  auto plain = read_signing_request(*make_signing_request("HOST1", with.key.view(), {}));
  CHECK_FALSE(plain->is_renewal());
  CHECK_FALSE(check_renewal(*plain, *ca, noon));
}

TEST_CASE("a revoked node's request to renew counts no more") {
  enrolling with;
  auto keys = with.network.issue("HOST1");
  auto request = *read_signing_request(*make_renewal_request(*to_identity(keys), with.key.view()));
  CHECK(check_renewal(request, *with.network.trust(), noon));
  with.network.revoke(keys);
  auto refused = check_renewal(request, *with.network.trust(), noon);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().text, Catch::Contains("revoked"));
}

TEST_CASE("no bit of a request to renew can be altered") {
  enrolling with;
  auto ca = with.network.trust();
  auto packed = *make_renewal_request(*with.network.identity_of("HOST1"), with.key.view());
  for (std::size_t at = 0; at < packed.size(); ++at) {
    auto altered = packed;
    altered[at] ^= std::byte{4};
    auto read = read_signing_request(altered);
    CHECK((!read || !check_renewal(*read, *ca, noon)));
  }
}

} // namespace
} // namespace hublink::test
