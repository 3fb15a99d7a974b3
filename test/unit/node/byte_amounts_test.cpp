#include "node/byte_amounts.hpp"

#include <catch2/catch.hpp>

using namespace hublink;

namespace {

struct row {
  const char* text;
  std::optional<std::uint64_t> bytes;
};

} // namespace

TEST_CASE("amounts of bytes are read with their units") {
  auto each = GENERATE(
      row{"0", 0}, row{"1", 1}, row{"7B", 7}, row{"64KB", 64'000}, row{"64KiB", 65'536},
      row{"64MB", 64'000'000}, row{"64 MB", 64'000'000}, row{"64MiB", 67'108'864}, row{"3GB", 3'000'000'000},
      row{"3GiB", 3'221'225'472}, row{"18446744073709551615", 18'446'744'073'709'551'615u},
      row{"18446744073709551616", {}}, row{"18446744074GB", {}}, row{"", {}}, row{"MB", {}}, row{"-1", {}},
      row{"+1", {}}, row{"1.5MB", {}}, row{"64mb", {}}, row{"64Mb", {}}, row{"64TB", {}}, row{"64MB/s", {}},
      row{" 64MB", {}}, row{"64MB ", {}}, row{"64  MB", {}}, row{"0x10", {}});
  CAPTURE(each.text);
  CHECK(parse_byte_amount(each.text) == each.bytes);
}

TEST_CASE("a rate is an amount per second, or a plain number") {
  auto each =
      GENERATE(row{"20MB/s", 20'000'000}, row{"20 MiB/s", 20'971'520}, row{"1500", 1500}, row{"1500/s", 1500},
               row{"1B/s", 1}, row{"20MB", {}}, row{"20MB/", {}}, row{"20MB/S", {}}, row{"20MB/s/s", {}},
               row{"/s", {}}, row{"", {}}, row{"off", {}}, row{"20Mbit/s", {}});
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
