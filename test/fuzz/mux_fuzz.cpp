// Any bytes may come from the other gateway: the mux takes them or ends the link, and what it answers stays
// bounded. The first byte chooses how the bytes are cut into pieces.
#include "mux_pair.hpp"

#include <cstdlib>

using namespace hublink;
using namespace hublink::test;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  mux_limits limits;
  limits.max_streams = 100;
  mux_side side{(data[0] & 1) == 1, limits};
  side.refuse_all = (data[0] & 2) == 2;
  side.reads_at_once = (data[0] & 4) == 4;
  auto piece = std::size_t(1 + (data[0] >> 3) * 7);
  bytes line;
  append_hello(line, {std::uint8_t(1 + size % 2), 100, 50});
  auto input = std::as_bytes(std::span(data + 1, size - 1));
  line.insert(line.end(), input.begin(), input.end());
  for (byte_view rest = line; !rest.empty();) {
    auto part = rest.first(std::min(piece, rest.size()));
    rest = rest.subspan(part.size());
    if (!side.link.received(part, side.now)) return 0;
    if (side.link.ready() && side.link.streams() < 4)
      static_cast<void>(side.link.open({mux_target::by::gateway, "db"}));
    mux_buffer out;
    side.link.produce(out, 1 << 16, side.now);
    if (side.link.streams() > 200 || out.size() > (5 << 20)) std::abort();
  }
  return 0;
}
