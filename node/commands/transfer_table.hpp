#pragma once
/// Rows of `transfers` and `history` as text: the widths of a terminal, or fixed columns for a pipe.
#include "node/commands/terminal.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <iosfwd>

namespace hublink {

void print_transfer_table(std::ostream& out, const terminal& at, const nlohmann::ordered_json& transfers,
                          std::chrono::system_clock::time_point now);

} // namespace hublink
