#pragma once
/// What the records of a circuit of kind `rate` say. Nothing throws.
#include "protocol/base/bytes.hpp"
#include "protocol/circuit/line_rate.hpp"

namespace hublink {

/// The load's first record.
struct load_begin {
  std::chrono::milliseconds time{}; ///< so long it takes; the lines behind are loaded as long
};

/// By who took it, once all lines behind were loaded, too.
struct load_result {
  line_taken taken;
  line_rates behind;
};

bytes encode(const load_begin& record);
bytes encode(const load_result& record);
outcome<load_begin> decode_load_begin(byte_view body);
outcome<load_result> decode_load_result(byte_view body);

} // namespace hublink
