// A sender whose hub does what the input says to all that its receiver answers.
#include "fuzz_hub.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hublink::fuzz::run_transfer(std::as_bytes(std::span(data, size)), false);
  return 0;
}
