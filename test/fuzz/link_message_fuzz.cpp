// Whatever decodes must encode, and say the same again.
#include "protocol/link/link_message.hpp"

#include <cstdlib>

using namespace hublink;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto first = decode(std::as_bytes(std::span(data, size)));
  if (!first) return 0;
  auto sent = encode(*first);
  if (!sent) std::abort();
  auto second = decode(*sent);
  if (!second || second->index() != first->index()) std::abort();
  auto again = encode(*second);
  if (!again || *again != *sent) std::abort();
  return 0;
}
