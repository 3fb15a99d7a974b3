#pragma once
/// The two ends of a circuit of kind `rate`, without I/O: one loads the line between two neighbours for some
/// seconds and says what it saw, the other takes all that comes, and then asks its owner for the lines
/// behind.
#include "protocol/circuit/circuit_end.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace hublink {

struct loading_end_config {
  std::string self;
  std::chrono::milliseconds time{}; ///< for each line
};
/// Tells its owner the rates of this line and those behind (`question::lines`), and is done.
std::unique_ptr<circuit_end> make_loading_end(loading_end_config config);

/// Asks its owner for the lines behind (`question::load_onward`).
std::unique_ptr<circuit_end> make_load_taking_end(std::string self);

} // namespace hublink
