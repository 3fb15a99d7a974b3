/// The CA's key under a passphrase.
#include "protocol/trust/issuer.hpp"
#include "support/catch.hpp"

using namespace hublink;

TEST_CASE("a key is locked and unlocked with its passphrase alone") {
  auto from = std::chrono::system_clock::time_point{std::chrono::hours{24 * 365 * 55}};
  auto ca = make_ca("test", {from, from + std::chrono::hours{24}});
  REQUIRE(ca);
  CHECK_FALSE(is_locked(ca->key_pem));
  auto locked = lock_key(ca->key_pem, secret{"correct horse"});
  REQUIRE(locked);
  CHECK(is_locked(*locked));
  CHECK(locked->find("BEGIN ENCRYPTED PRIVATE KEY") != std::string::npos);
  auto again = lock_key(ca->key_pem, secret{"correct horse"});
  REQUIRE(again);
  CHECK(*again != *locked); // a salt of its own

  auto plain = unlock_key(*locked, secret{"correct horse"});
  REQUIRE(plain);
  CHECK(plain->view() == ca->key_pem);
  for (auto wrong : {"correct horsf", "", "correct horse "}) {
    auto refused = unlock_key(*locked, secret{wrong});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().text == "the passphrase is not that of the key");
  }
  CHECK_FALSE(unlock_key(ca->key_pem, secret{"correct horse"}));
  CHECK_FALSE(lock_key("no key", secret{"correct horse"}));
  // What is locked signs nothing.
  CHECK_FALSE(issue({ca->cert_pem, *locked}, "HOST1", role::client, {from, from + std::chrono::hours{1}}));
}
