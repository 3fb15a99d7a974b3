#pragma once
/// nftables, by libnftables. It is opened when it is wanted: nothing else of hublink needs it.
#include "protocol/base/errors.hpp"

#include <string>

namespace hublink {

/// Adds them in the calling thread's network namespace. `bad_config`: the library or the kernel's part of it
/// is not there.
outcome<> set_packet_rules(const std::string& rules);

} // namespace hublink
