#include "protocol/broadcast/envelope_batch.hpp"
#include "support/catch.hpp"

#include "protocol/trust/credentials.hpp"
#include "test_ca.hpp"

#include <zstd.h>

using namespace hublink;
using namespace hublink::test;

namespace {

envelopes_record some(std::size_t count, std::size_t size = 100) {
  envelopes_record made;
  for (std::size_t i = 0; i < count; ++i)
    made.by_name["HOST" + std::to_string(i)] = bytes(size, std::byte(i));
  return made;
}

bytes compressed(byte_view content, bool says_size = true) {
  bytes packed(ZSTD_compressBound(content.size()));
  auto* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, says_size);
  packed.resize(ZSTD_compress2(context, packed.data(), packed.size(), content.data(), content.size()));
  ZSTD_freeCCtx(context);
  return packed;
}

bytes together(bytes first, byte_view second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// The frame's head (RFC 8878, 3.1.1.1) says `size`, in 8 bytes.
bytes with_size(const envelopes_record& said, std::uint64_t size) {
  constexpr std::size_t magic = 4, blocks = magic + 1 + 2;
  auto packed = *pack_envelopes(said);
  REQUIRE((packed[magic] & std::byte{0xE0}) == std::byte{0x60}); // it said so in 2 bytes
  bytes made(packed.begin(), packed.begin() + magic);
  made.push_back(packed[magic] | std::byte{0xC0});
  for (int i = 0; i < 8; ++i) made.push_back(std::byte(size >> (8 * i)));
  made.insert(made.end(), packed.begin() + blocks, packed.end());
  return made;
}

} // namespace

TEST_CASE("a batch says what was put into it") {
  for (auto count : {std::size_t(1), std::size_t(2), most_in_batch}) {
    auto said = some(count);
    auto packed = pack_envelopes(said);
    REQUIRE(packed);
    auto read = unpack_envelopes(*packed);
    REQUIRE(read);
    CHECK(read->by_name == said.by_name);
  }
}

TEST_CASE("a receiver costs a batch little more than what is random in its envelope") {
  constexpr std::size_t random = 64 + 40 + 20 + 12 + 32 + 16; // point, wrapped key, key's id, nonce, key, tag
  test_ca network;
  envelopes_record made;
  for (std::size_t i = 0; i < most_in_batch; ++i) {
    auto name = "HOST" + std::to_string(i);
    made.by_name[name] = *seal_envelope(bytes(32), network.identity_of(name)->certificate());
  }
  auto packed = pack_envelopes(made);
  REQUIRE(packed);
  INFO(encode(made).size() << " bytes, packed " << packed->size());
  CHECK(packed->size() < most_in_batch * (random + 32));
}

TEST_CASE("what is no batch is refused, whatever it says of its size") {
  auto good = *pack_envelopes(some(3));
  bytes nothing, zeros(max_batch + 1);
  auto whole = some(most_in_batch);
  auto size = encode(whole).size();
  REQUIRE(unpack_envelopes(with_size(whole, size)));
  constexpr std::array skippable{std::byte{0x50}, std::byte{0x2A}, std::byte{0x4D},
                                 std::byte{0x18}, std::byte{1},    std::byte{0},
                                 std::byte{0},    std::byte{0},    std::byte{7}};
  const std::vector<std::pair<const char*, bytes>> bad{
      {"nothing", nothing},
      {"one byte", bytes(1)},
      {"not compressed", encode(some(3))},
      {"a frame of nothing", compressed(nothing)},
      {"no envelopes", *pack_envelopes({})},
      {"too many envelopes", *pack_envelopes(some(most_in_batch + 1))},
      {"too long an envelope", *pack_envelopes(some(1, 2000))},
      {"too long a name", *pack_envelopes({{{std::string(256, 'R'), bytes(100)}}})},
      {"too much content", compressed(zeros)},
      {"no map", compressed(as_bytes("any text"))},
      {"a map of texts", compressed(as_bytes("\xA1\x61\x41\x61\x42"))},
      {"a frame that does not say its size", compressed(encode(some(3)), false)},
      {"two frames", together(good, good)},
      {"something behind it", together(good, bytes(1))},
      {"a frame to be skipped", bytes(skippable.begin(), skippable.end())},
      {"a frame to be skipped before it", together(bytes(skippable.begin(), skippable.end()), good)},
      {"a frame to be skipped behind it", together(good, skippable)},
      {"as large as can be said", with_size(whole, UINT64_MAX - 2)},
      {"a size of 4 GiB", with_size(whole, std::uint64_t(1) << 32)},
      {"a size beyond the bound", with_size(whole, max_batch + 1)},
      {"a larger size", with_size(whole, size + 1)},
      {"the largest size", with_size(whole, max_batch)},
      {"a smaller size", with_size(whole, size - 1)},
      {"no size at all", with_size(whole, 0)},
  };
  for (const auto& [what, body] : bad) {
    INFO(what);
    auto read = unpack_envelopes(body);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::bad_message);
  }
}

TEST_CASE("a batch that was cut or altered says nothing else than it did") {
  auto said = some(3);
  auto good = *pack_envelopes(said);
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(unpack_envelopes(byte_view{good}.first(size)));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto altered = good;
    altered[bit / 8] ^= std::byte(1 << bit % 8);
    if (auto read = unpack_envelopes(altered)) CHECK(read->by_name == said.by_name);
  }
}
