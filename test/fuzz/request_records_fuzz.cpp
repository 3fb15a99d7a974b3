// The decoders of a request connection take any bytes; what they accept must say the same again.
#include "check_round.hpp"
#include "protocol/request/request_records.hpp"

using namespace hublink;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = std::as_bytes(std::span(data, size));
  check_round(input, decode_request);
  check_round(input, decode_request_answer);
  return 0;
}
