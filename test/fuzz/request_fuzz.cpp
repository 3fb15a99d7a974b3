// The decoders of a request connection take any bytes; what they accept must say the same again.
#include "protocol/request_records.hpp"

#include <cstdlib>

using namespace hublink;

namespace {

template <class Decode>
void check_round(byte_view data, Decode decode) {
  auto first = decode(data);
  if (!first) return;
  auto sent = encode(*first);
  auto second = decode(sent);
  if (!second || encode(*second) != sent) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = std::as_bytes(std::span(data, size));
  check_round(input, decode_request);
  check_round(input, decode_request_answer);
  return 0;
}
