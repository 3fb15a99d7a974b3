#include "node/base/byte_amounts.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

struct amount_row {
  const char* text;
  std::optional<std::uint64_t> bytes;
};

} // namespace

TEST_CASE("amounts of bytes are read with their units") {
  auto each = GENERATE(
      amount_row{"0", 0}, amount_row{"1", 1}, amount_row{"7B", 7}, amount_row{"64KB", 64'000},
      amount_row{"64KiB", 65'536}, amount_row{"64MB", 64'000'000}, amount_row{"64 MB", 64'000'000},
      amount_row{"64MiB", 67'108'864}, amount_row{"3GB", 3'000'000'000}, amount_row{"3GiB", 3'221'225'472},
      amount_row{"18446744073709551615", 18'446'744'073'709'551'615u}, amount_row{"18446744073709551616", {}},
      amount_row{"18446744074GB", {}}, amount_row{"", {}}, amount_row{"MB", {}}, amount_row{"-1", {}},
      amount_row{"+1", {}}, amount_row{"1.5MB", {}}, amount_row{"64mb", {}}, amount_row{"64Mb", {}},
      amount_row{"64TB", {}}, amount_row{"64MB/s", {}}, amount_row{" 64MB", {}}, amount_row{"64MB ", {}},
      amount_row{"64  MB", {}}, amount_row{"0x10", {}});
  CAPTURE(each.text);
  CHECK(parse_byte_amount(each.text) == each.bytes);
}

TEST_CASE("a rate is an amount per second, or a plain number") {
  auto each =
      GENERATE(amount_row{"20MB/s", 20'000'000}, amount_row{"20 MiB/s", 20'971'520}, amount_row{"1500", 1500},
               amount_row{"1500/s", 1500}, amount_row{"1B/s", 1}, amount_row{"20MB", {}},
               amount_row{"20MB/", {}}, amount_row{"20MB/S", {}}, amount_row{"20MB/s/s", {}},
               amount_row{"/s", {}}, amount_row{"", {}}, amount_row{"off", {}}, amount_row{"20Mbit/s", {}});
  CAPTURE(each.text);
  CHECK(parse_byte_rate(each.text) == each.bytes);
}

TEST_CASE("what is shown is read back as the same") {
  auto each =
      GENERATE(0u, 1u, 999u, 1000u, 1024u, 65'536u, 1'500'000u, 20'000'000u, 67'108'864u, 3'000'000'000u);
  CHECK(parse_byte_amount(byte_amount_text(each)) == each);
  CHECK(parse_byte_rate(byte_rate_text(each)) == each);
  CHECK(byte_amount_text(1'500'000) == "1500KB");
  CHECK(byte_amount_text(67'108'864) == "64MiB");
  CHECK(byte_rate_text(20'000'000) == "20MB/s");
}
