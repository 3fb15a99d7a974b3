#include "protocol/base/base64.hpp"
#include "support/catch.hpp"

#include <random>

using namespace hublink;

TEST_CASE("base 64 is that of RFC 4648") {
  const std::pair<const char*, const char*> known[]{{"", ""},
                                                    {"f", "Zg=="},
                                                    {"fo", "Zm8="},
                                                    {"foo", "Zm9v"},
                                                    {"foob", "Zm9vYg=="},
                                                    {"fooba", "Zm9vYmE="},
                                                    {"foobar", "Zm9vYmFy"}};
  for (auto [plain, written] : known) {
    CAPTURE(plain);
    CHECK(to_base64(as_bytes(plain)) == written);
    auto read = from_base64(written);
    REQUIRE(read);
    CHECK(as_text(*read) == plain);
    std::string bare{written};
    bare.resize(bare.find_last_not_of('=') + 1);
    auto without = from_base64(bare, padding::without);
    REQUIRE(without);
    CHECK(as_text(*without) == plain);
  }
}

TEST_CASE("what no bytes are written as is no base 64") {
  for (auto text :
       {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8", "Zm 8", "Zm8=Zm8=", "====", "Zm-_", "=Zm8"}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64(text));
  }
  for (auto text : {"Z", "Zg==", "Zh", "Zm9"}) CHECK_FALSE(from_base64(text, padding::without));
}

TEST_CASE("any bytes come back") {
  std::mt19937 random{7};
  for (std::size_t size = 0; size < 100; ++size) {
    bytes data(size);
    for (auto& octet : data) octet = std::byte(random());
    CHECK(from_base64(to_base64(data)) == data);
  }
}
