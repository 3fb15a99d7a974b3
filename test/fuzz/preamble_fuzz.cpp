// A preamble that is read is made again byte by byte.
#include "protocol/circuit/preamble.hpp"

#include <algorithm>
#include <cstdlib>

using namespace hublink;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < preamble_size) return 0;
  auto input = std::as_bytes(std::span(data, size)).first<preamble_size>();
  auto key = read_preamble(input);
  if (key && !std::ranges::equal(make_preamble(*key), input)) std::abort();
  return 0;
}
