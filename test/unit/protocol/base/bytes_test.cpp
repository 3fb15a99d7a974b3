#include "protocol/base/bytes.hpp"
#include "support/catch.hpp"

using namespace hublink;

TEST_CASE("hex goes both ways") {
  const bytes data{std::byte{0x00}, std::byte{0x7f}, std::byte{0xff}};
  CHECK(to_hex(data) == "007fff");
  CHECK(from_hex("007fFF") == data);
  CHECK(from_hex("") == bytes{});
  CHECK(to_hex({}).empty());
}

TEST_CASE("what is not hex is refused") {
  auto text = GENERATE("0", "0g", "0x", " 00", "00 ", "-1");
  CAPTURE(text);
  CHECK_FALSE(from_hex(text));
}

TEST_CASE("numbers are big-endian on the wire") {
  std::byte at[4];
  put_be(at, std::uint32_t{0x01020304});
  CHECK(to_hex(at) == "01020304");
  CHECK(get_be<std::uint32_t>(at) == 0x01020304);
}

TEST_CASE("a transfer id is 32 lower-case hex digits") {
  CHECK(is_transfer_id("0123456789abcdef0123456789abcdef"));
  CHECK_FALSE(is_transfer_id("0123456789ABCDEF0123456789abcdef"));
  CHECK_FALSE(is_transfer_id("0123456789abcdef0123456789abcde"));
  CHECK_FALSE(is_transfer_id("0123456789abcdef0123456789abcdefa"));
  CHECK_FALSE(is_transfer_id("../3456789abcdef0123456789abcdef"));
  CHECK_FALSE(is_transfer_id(""));
}
