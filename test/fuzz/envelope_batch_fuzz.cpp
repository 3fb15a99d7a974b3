// A batch of envelopes that is any bytes, or any content behind its right sum, or a good one with some bytes
// changed.
#include "fuzz_hub.hpp"

#include "protocol/broadcast/envelope_batch.hpp"

#include <cstdlib>

using namespace hublink;
using namespace hublink::fuzz;

namespace {

bytes summed(byte_view content) {
  auto sum = hash_of(content);
  bytes made(sum.begin(), sum.begin() + 8);
  made.insert(made.end(), content.begin(), content.end());
  return made;
}

bytes edited(script& doings) {
  auto packed =
      pack_envelopes({{{"HOST2", bytes(envelope_size, std::byte{2})}, {"HOST3", bytes(envelope_size)}}});
  for (int i = 0; i < 8 && !doings.used_up(); ++i)
    packed[doings.number() % packed.size()] = std::byte(doings.number());
  return packed;
}

/// What is taken must fit a batch again, and say the same.
void check(byte_view body) {
  auto read = unpack_envelopes(body);
  if (!read) return;
  auto packed = pack_envelopes(*read);
  if (packed.size() > max_batch) std::abort();
  auto again = unpack_envelopes(packed);
  if (!again || again->by_name != read->by_name) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = std::as_bytes(std::span(data, size));
  script doings{input};
  auto way = doings.number() % 3;
  auto rest = input.subspan(std::min<std::size_t>(1, size));
  switch (way) {
  case 0:
    check(rest);
    break;
  case 1:
    check(summed(rest));
    break;
  default:
    check(edited(doings));
  }
  return 0;
}
