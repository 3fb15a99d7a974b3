// A receiver whose hub does what the input says to all that its sender sends.
#include "fuzz_hub.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hublink::fuzz::run_transfer(std::as_bytes(std::span(data, size)), true);
  return 0;
}
