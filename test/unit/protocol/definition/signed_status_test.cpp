#include "protocol/definition/signed_status.hpp"
#include "support/catch.hpp"
#include "test_ca.hpp"

using namespace hublink;
using namespace hublink::test;

namespace {

const std::string asked_nonce(status_nonce_size, 'a'), other_nonce(status_nonce_size, 'b');
const std::string status_content = R"({"node":"HOST1"})";

} // namespace

TEST_CASE("a status counts as its node signed it, in answer to that question") {
  test_ca network;
  auto host = network.identity_of("HOST1");
  auto ca = network.trust();
  auto made = *sign_status(status_content, asked_nonce, *host);
  auto read = [&](const bytes& from, const std::string& node = "HOST1", role expected = role::client,
                  const std::string& nonce = asked_nonce) {
    auto found = verify_status(from, node, expected, nonce, *ca, noon);
    return found ? "ok: " + *found : std::string{to_string(found.error().code)};
  };
  CHECK(read(made) == "ok: " + status_content);
  CHECK(read(made, "HOST2") == "not-authorised");
  CHECK(read(made, "HOST1", role::server) == "not-authorised");
  CHECK(read(made, "HOST1", role::client, other_nonce) == "tampered");
  CHECK(read(*sign_status(status_content, asked_nonce, *network.identity_of("ServerA", role::server))) ==
        "not-authorised");
  CHECK(read(*sign_status(status_content, asked_nonce, *test_ca{}.identity_of("HOST1"))) == "not-authorised");
  for (std::size_t i = 0; i < made.size(); ++i) {
    made[i] ^= std::byte{1};
    CHECK(read(made) != "ok: " + status_content);
    made[i] ^= std::byte{1};
  }
}

TEST_CASE("what is too long is not signed") {
  auto host = test_ca{}.identity_of("HOST1");
  CHECK_FALSE(sign_status(std::string(longest_status + 1, ' '), asked_nonce, *host));
  CHECK_FALSE(sign_status(status_content, asked_nonce + "a", *host));
}
