#include "protocol/trust/shown_certificate.hpp"
#include "support/catch.hpp"
#include "test_ca.hpp"

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;

namespace {

struct two_ends {
  test_ca network;
  std::shared_ptr<const trust> ca = network.trust();
  std::shared_ptr<const identity> newer = network.identity_of("HOST1");
  trust::holder peer{.name = "HOST1", .role = role::client};
  bytes secret = bytes(32, std::byte{7});
  shown_where here{secret, true};

  outcome<trust::clock_time> check(const shown_certificate& shown) const {
    return check_shown(shown, *ca, noon, peer, here);
  }
};

} // namespace

TEST_CASE("a newer certificate counts on the connection on which its key shows it") {
  two_ends with;
  auto shown = show_certificate(*with.newer, with.here);
  REQUIRE(with.check(shown));
  CHECK(*with.check(shown) == around_noon.until);
  auto read = unpack_shown(pack(shown));
  REQUIRE(read);
  CHECK(*read == shown);
  CHECK(pack(shown).size() < max_shown);
}

TEST_CASE("a certificate that is shown elsewhere, by another one, or without its key does not count") {
  two_ends with;
  auto shown = show_certificate(*with.newer, with.here);
  const bytes another(32, std::byte{8});
  CHECK_FALSE(with.check(show_certificate(*with.newer, {another, true})));
  CHECK_FALSE(with.check(show_certificate(*with.newer, {with.secret, false}))); // as its peer had shown it
  auto of_other = with.check(show_certificate(*with.network.identity_of("HOST2"), with.here));
  REQUIRE_FALSE(of_other);
  CHECK_THAT(of_other.error().text, Contains("HOST1 shows a certificate of HOST2"));
  CHECK_FALSE(with.check(show_certificate(*with.network.identity_of("HOST1", role::server), with.here)));
  CHECK_FALSE(with.check(show_certificate(*test_ca{"other"}.identity_of("HOST1"), with.here)));
  auto stolen = shown;
  stolen.proof = show_certificate(*with.network.identity_of("HOST1"), with.here).proof;
  CHECK_THAT(with.check(stolen).error().text, Contains("without its key"));
  CHECK(with.check(stolen).error().code == errc::not_authorised);
  const validity over{noon - std::chrono::hours{2}, noon - std::chrono::hours{1}};
  CHECK_FALSE(
      with.check(show_certificate(*with.network.identity_of("HOST1", role::client, over), with.here)));
}

TEST_CASE("no bit of what is shown can be altered") {
  two_ends with;
  auto shown = show_certificate(*with.newer, with.here);
  for (std::size_t at = 0; at < shown.certificate.size(); at += 7) {
    auto altered = shown;
    altered.certificate[at] ^= std::byte{1};
    CHECK_FALSE(with.check(altered));
  }
  for (auto& octet : shown.proof) {
    octet ^= std::byte{16};
    CHECK_FALSE(with.check(shown));
    octet ^= std::byte{16};
  }
  auto packed = pack(shown);
  for (std::size_t size = 0; size < packed.size(); ++size)
    CHECK_FALSE(unpack_shown(byte_view{packed}.first(size)));
}

TEST_CASE("who has a newer certificate opens what was sealed for the one before it, too") {
  two_ends with;
  auto older = with.network.identity_of("HOST1"), oldest = with.network.identity_of("HOST1");
  auto self = identity::succeeding({with.newer, older, oldest});
  CHECK(std::ranges::equal(self->certificate(), with.newer->certificate()));
  const auto info = as_bytes("info");
  envelope_secret secret{};
  secret.fill(std::byte{5});
  for (const auto& each : {with.newer, older, oldest})
    CHECK(*self->open_envelope(*with.ca->seal(secret, each->certificate(), info), info) == secret);
  auto other = with.network.identity_of("HOST1");
  auto refused = self->open_envelope(*with.ca->seal(secret, other->certificate(), info), info);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::tampered);
  CHECK(with.ca->verify(self->certificate(), info, self->sign(info)));
}
