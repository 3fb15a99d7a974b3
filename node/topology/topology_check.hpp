#pragma once
/// What the fields of a topology mean for each other. Pure.
#include "node/topology/topology.hpp"

namespace hublink {

/// Everything that keeps these nodes from working together, in one go. What was left empty by the parser is
/// passed over.
problems check_topology(const topology& net);

/// Parser and check in one.
parsed_topology parse_and_check(std::string_view text);
/// `1 problem`, `3 problems`.
std::string count_of(const problems& found);

} // namespace hublink
