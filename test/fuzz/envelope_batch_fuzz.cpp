// A batch of envelopes that is any bytes, or any content compressed, or a good one with some bytes changed.
#include "fuzz_hub.hpp"

#include "protocol/broadcast/envelope_batch.hpp"

#include <cstdlib>
#include <zstd.h>

using namespace hublink;
using namespace hublink::fuzz;

namespace {

bytes compressed(byte_view content) {
  bytes packed(ZSTD_compressBound(content.size()));
  packed.resize(ZSTD_compress(packed.data(), packed.size(), content.data(), content.size(), 1));
  return packed;
}

bytes edited(script& doings) {
  envelopes_record said{{{"HOST2", bytes(400, std::byte{2})}, {"HOST3", bytes(400, std::byte{3})}}};
  auto packed = *pack_envelopes(said);
  for (int i = 0; i < 8 && !doings.used_up(); ++i)
    packed[doings.number() % packed.size()] = std::byte(doings.number());
  return packed;
}

/// What is taken must fit a batch again, and say the same.
void check(byte_view body) {
  auto read = unpack_envelopes(body);
  if (!read) return;
  auto packed = pack_envelopes(*read);
  if (!packed || packed->size() > max_batch) std::abort();
  auto again = unpack_envelopes(*packed);
  if (!again || again->by_name != read->by_name) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = std::as_bytes(std::span(data, size));
  script doings{input};
  switch (doings.number() % 3) {
  case 0:
    check(input.subspan(std::min<std::size_t>(1, size)));
    break;
  case 1:
    check(compressed(input.subspan(std::min<std::size_t>(1, size))));
    break;
  default:
    check(edited(doings));
  }
  return 0;
}
