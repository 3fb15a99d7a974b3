#pragma once
/// The loopback device of a network namespace.
#include "protocol/base/errors.hpp"

namespace hublink {

/// In the calling thread's namespace: it is up, and every address is one of its own, so that whatever is sent
/// comes back by loopback. Without IPv6 where the system has none.
outcome<> lead_all_to_loopback();

} // namespace hublink
