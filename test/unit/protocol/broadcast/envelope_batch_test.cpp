#include "protocol/broadcast/envelope_batch.hpp"
#include "support/catch.hpp"

#include "protocol/base/cbor_fields.hpp"

using namespace hublink;

namespace {

envelopes_record some(std::size_t count, std::size_t size = envelope_size) {
  envelopes_record made;
  for (std::size_t i = 0; i < count; ++i)
    made.by_name["HOST" + std::to_string(i)] = bytes(size, std::byte(i));
  return made;
}

/// Behind its right sum.
bytes packed(byte_view content) {
  auto sum = hash_of(content);
  bytes made(sum.begin(), sum.begin() + 8);
  made.insert(made.end(), content.begin(), content.end());
  return made;
}

bytes together(bytes first, byte_view second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

} // namespace

TEST_CASE("a batch says what was put into it") {
  for (auto count : {std::size_t(1), std::size_t(2), most_in_batch}) {
    auto said = some(count);
    auto read = unpack_envelopes(pack_envelopes(said));
    REQUIRE(read);
    CHECK(read->by_name == said.by_name);
  }
}

TEST_CASE("a receiver costs a batch little more than its envelope, and the longest names fit") {
  auto size = pack_envelopes(some(most_in_batch)).size();
  CHECK(size < most_in_batch * (envelope_size + 12)); // names of 6 bytes
  envelopes_record long_names;
  for (std::size_t i = 0; i < most_in_batch; ++i)
    long_names.by_name[std::string(253, 'R') + std::to_string(10 + i)] = bytes(envelope_size);
  auto body = pack_envelopes(long_names);
  CHECK(body.size() <= max_batch);
  CHECK(unpack_envelopes(body));
}

TEST_CASE("what is no batch is refused") {
  auto good = pack_envelopes(some(3));
  const std::vector<std::pair<const char*, bytes>> bad{
      {"nothing", {}},
      {"one byte", bytes(1)},
      {"a sum of nothing", packed({})},
      {"no sum", encode(some(3))},
      {"a wrong sum", together(bytes(8), encode(some(3)))},
      {"no envelopes", pack_envelopes({})},
      {"too many envelopes", pack_envelopes(some(most_in_batch + 1))},
      {"too long an envelope", pack_envelopes(some(1, envelope_size + 1))},
      {"too short an envelope", pack_envelopes(some(1, envelope_size - 1))},
      {"too long a name", pack_envelopes({{{std::string(256, 'R'), bytes(envelope_size)}}})},
      {"too much", packed(bytes(max_batch))},
      {"no map", packed(as_bytes("any text"))},
      {"a map of texts", packed(as_bytes("\xA1\x61\x41\x61\x42"))},
      {"two of them", together(good, good)},
      {"something behind it", together(good, bytes(1))},
      {"something behind the map", packed(together(encode(some(3)), bytes(1)))},
      {"one that was compressed", from_hex("28b52ffd2403190000a16141410000000000").value()},
  };
  for (const auto& [what, body] : bad) {
    INFO(what);
    auto read = unpack_envelopes(body);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::bad_message);
  }
}

TEST_CASE("a batch that was cut, or in which bits flipped, is refused") {
  auto good = pack_envelopes(some(3));
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(unpack_envelopes(byte_view{good}.first(size)));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto altered = good;
    altered[bit / 8] ^= std::byte(1 << bit % 8);
    CHECK_FALSE(unpack_envelopes(altered));
  }
}
