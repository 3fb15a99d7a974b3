// A definition as it comes over a session: any bytes; only what a manager signed is accepted.
#include "fuzz_network.hpp"
#include "protocol/definition/signed_definition.hpp"

#include <cstdlib>

using namespace hublink;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = std::as_bytes(std::span(data, size));
  if (verify_definition(input, *fuzz::shared_network().trust, fuzz::noon)) std::abort();
  static const auto credulous = fuzz::credulous_trust("MGR");
  if (auto read = read_definition(input, *credulous)) {
    auto again = sign_definition(read->record, *fuzz::shared_network().host1);
    if (!again || read_definition(*again, *credulous)->record != read->record) std::abort();
  }
  return 0;
}
