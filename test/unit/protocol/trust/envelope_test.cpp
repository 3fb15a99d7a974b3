// An envelope opens for the one, and as the one, that it was made for; a relay can change nothing in it.
#include "protocol/trust/envelope.hpp"
#include "support/catch.hpp"

#include "test_ca.hpp"

#include <random>

using namespace hublink;
using namespace hublink::test;

namespace {

constexpr envelope_secret some_secret{std::byte{1}, std::byte{2}, std::byte{3}};
const auto some_info = as_bytes("what it is for");

struct sealing {
  test_ca network;
  std::shared_ptr<const trust> ca = network.trust();
  std::shared_ptr<const identity> host = network.identity_of("HOST1");
  bytes sealed = *ca->seal(some_secret, host->certificate(), some_info);

  bool opens(byte_view envelope) const { return bool(host->open_envelope(envelope, some_info)); }
};

} // namespace

TEST_CASE("an envelope opens for its holder alone, and for what it was made for") {
  sealing made;
  CHECK(made.sealed.size() == envelope_size);
  CHECK(made.sealed[0] == std::byte{1});
  auto opened = made.host->open_envelope(made.sealed, some_info);
  REQUIRE(opened);
  CHECK(*opened == some_secret);
  auto other = made.network.identity_of("HOST2")->open_envelope(made.sealed, some_info);
  REQUIRE_FALSE(other);
  CHECK(other.error().code == errc::tampered);
  for (auto info : {"", "what it is for ", "what it was for"})
    CHECK_FALSE(made.host->open_envelope(made.sealed, as_bytes(info)));
  auto again = *made.ca->seal(some_secret, made.host->certificate(), some_info);
  CHECK(again != made.sealed); // a fresh key each time
  CHECK_FALSE(made.ca->seal(some_secret, as_bytes("no certificate"), some_info));
}

TEST_CASE("no envelope that differs in a byte opens") {
  sealing made;
  std::size_t opened = 0;
  for (std::size_t at = 0; at < made.sealed.size(); ++at)
    for (int change = 1; change < 256; ++change) {
      auto altered = made.sealed;
      altered[at] ^= std::byte(change);
      opened += made.opens(altered);
    }
  CHECK(opened == 0);
  CHECK(made.opens(made.sealed));
}

TEST_CASE("none of 100,000 envelopes that differ in two bytes opens") {
  sealing made;
  std::mt19937 random{26};
  auto below = [&](unsigned bound) { return std::uniform_int_distribution<unsigned>{0, bound - 1}(random); };
  std::size_t opened = 0;
  for (int i = 0; i < 100'000; ++i) {
    auto first = below(envelope_size),
         second = (first + 1 + below(envelope_size - 1)) % unsigned(envelope_size);
    auto altered = made.sealed;
    altered[first] ^= std::byte(1 + below(255));
    altered[second] ^= std::byte(1 + below(255));
    opened += made.opens(altered);
  }
  CHECK(opened == 0);
}

TEST_CASE("nothing of another length is an envelope") {
  sealing made;
  for (std::size_t size = 0; size < made.sealed.size(); ++size)
    CHECK_FALSE(made.opens(byte_view{made.sealed}.first(size)));
  for (std::size_t more : {1, 16, 170, 5000}) {
    auto longer = made.sealed;
    longer.resize(longer.size() + more);
    CHECK_FALSE(made.opens(longer));
  }
}

TEST_CASE("a network is known by its CA's key") {
  test_ca network, twin; // of the same name
  CHECK(network.trust()->network() == network.trust()->network());
  CHECK(network.trust()->network() != twin.trust()->network());
}
