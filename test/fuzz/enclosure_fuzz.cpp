// What an enclosed program sends: questions to name servers, and packets that open connections.
#include "node/enclosure/name_answers.hpp"
#include "node/enclosure/opening_segment.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto given = std::as_bytes(std::span{data, size});
  hublink::name_answers names{{"*.plant.example", "db"}};
  if (auto answer = names.answer(given)) {
    if (answer->size() < 17 || answer->size() > size + 300) std::abort();
    if (names.answer(given) != answer) std::abort(); // the same address each time
  }
  if (auto opening = hublink::opening_segment::parse(given)) {
    auto again = hublink::opening_segment::parse(opening->packet);
    if (!again || again->packet != opening->packet || again->to != opening->to) std::abort();
  }
  return 0;
}
