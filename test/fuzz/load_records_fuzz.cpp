// The records of a loaded line take any bytes; what they accept must say the same again. Who takes a load
// takes any bytes from a neighbour, and comes to an end.
#include "check_round.hpp"
#include "protocol/circuit/load_ends.hpp"
#include "protocol/circuit/load_records.hpp"

#include <algorithm>

using namespace hublink;

namespace {

/// Until it waits for bytes, asks, or is over.
bool wants_bytes(circuit_end& end) {
  for (int steps = 0; steps < 16; ++steps) {
    auto step = end.next();
    if (std::holds_alternative<wait_for_bytes>(step)) return true;
    if (std::holds_alternative<measure_line>(step))
      end.measured({});
    else if (std::holds_alternative<send_bytes>(step))
      end.completed();
    else
      return false;
  }
  std::abort(); // it does not come to a point
}

void feed(circuit_end& end, byte_view data) {
  while (!data.empty() && wants_bytes(end)) {
    auto room = end.inbox();
    if (room.empty()) std::abort();
    auto count = std::min(room.size(), data.size());
    std::copy_n(data.begin(), count, room.begin());
    end.received(count);
    data = data.subspan(count);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = std::as_bytes(std::span(data, size));
  check_round(input, decode_load_begin);
  check_round(input, decode_load_result);
  auto end = make_load_taking_end("ServerB");
  feed(*end, input);
  end->cut({errc::cut, {}, "end of stream"});
  if (!std::holds_alternative<finish>(end->next())) std::abort();
  return 0;
}
