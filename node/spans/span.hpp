#pragma once
/// A span as OpenTelemetry has it: something that took its time at this node, for one transfer.
#include "protocol/base/bytes.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hublink {

struct span {
  using time = std::chrono::system_clock::time_point;
  enum class side : std::uint8_t { internal = 1, server = 2, client = 3 }; ///< OTLP's numbers
  using value = std::variant<std::string, std::int64_t>;

  transfer_id trace;
  std::string id, parent; ///< 16 hex digits; no parent: empty
  std::string name;       ///< few different ones; what tells two of them apart stands in `attributes`
  side kind = side::internal;
  time begin{}, end{};
  std::vector<std::pair<std::string, value>> attributes{};
  std::optional<std::string> error{}; ///< why it failed
};

} // namespace hublink
