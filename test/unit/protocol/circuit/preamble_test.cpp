#include "protocol/circuit/preamble.hpp"
#include "support/catch.hpp"

using namespace hublink;

TEST_CASE("a preamble carries its token") {
  token key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = std::byte(i);
  auto sent = make_preamble(key);
  CHECK(sent[0] == std::byte{'H'});
  CHECK(sent[0] != tls_handshake_byte);
  CHECK(read_preamble(sent) == key);
  for (int i = 0; i < 4; ++i) {
    auto bad = sent;
    bad[i] ^= std::byte{1};
    CHECK_FALSE(read_preamble(bad));
  }
}
