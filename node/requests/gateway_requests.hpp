#pragma once
/// Commands about the gateways of a server, and what they carry; docs/reference/json.md, "gateways".
#include "node/requests/verbs.hpp"

namespace hublink {

std::span<const verb> gateway_verbs();

} // namespace hublink
