// A topology, a node's definition and its local.json, of anybody: problems with their places, and nothing
// else.
#include "node/definition/definition_json.hpp"
#include "node/definition/definition_json_reader.hpp"
#include "node/process/local_config.hpp"
#include "node/topology/topology_check.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>

using namespace hublink;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string text{reinterpret_cast<const char*>(data) + 1, size - 1};
  switch (data[0] % 3) {
  case 0:
    for (const auto& each : parse_and_check(text).problems)
      if (to_string(each).find('\n') != std::string::npos) std::abort();
    break;
  case 1:
    if (auto read = read_definition_json(text, "net", "HOST1")) {
      auto again = read_definition_json(json_of(*read).dump(), "net", "HOST1");
      if (!again || json_of(*again) != json_of(*read)) std::abort();
    }
    break;
  case 2: {
    for (const auto& each : parse_local_config(text).problems)
      if (to_string(each).find('\n') != std::string::npos) std::abort();
    break;
  }
  }
  return 0;
}
