#pragma once
/// What `hublink apply` would change at each node. Pure.
#include "node/trust/recipient_certificates.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace hublink {

/// `found`: the network's answer to the command `definition`, with contents; `text`: a topology without
/// problems; `certificates`: what it needs; `own`: the manager's present definition. The shape:
/// docs/reference/json.md, "apply".
nlohmann::ordered_json difference_of(const nlohmann::ordered_json& found, const std::string& text,
                                     const certificate_map& certificates, const definition& own);

} // namespace hublink
