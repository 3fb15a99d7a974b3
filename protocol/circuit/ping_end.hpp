#pragma once
#include "protocol/circuit/circuit_end.hpp"

#include <memory>

namespace hublink {

/// Either end of a ping: done at once. A ping carries no bytes; any is `bad_message`.
std::unique_ptr<circuit_end> make_ping_end();

} // namespace hublink
