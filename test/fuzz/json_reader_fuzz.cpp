// JSON from anybody: what is read says the same again, also once nothing in it acts any more.
#include "protocol/base/json_reader.hpp"
#include "protocol/base/utf8.hpp"

#include <cstdlib>

using namespace hublink;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  if (!is_printable(shown_text(text))) std::abort();
  auto read = read_json(text, {.bytes = 1 << 16, .depth = 8, .values = 5000});
  if (!read) return 0;
  auto safe = shown_json(read->dump());
  if (shown_text(safe) != safe) std::abort(); // one line, and nothing in it acts
  auto again = read_json(safe, {.depth = 8});
  if (!again || *again != *read) std::abort();
  return 0;
}
