#pragma once
/// A command in the audit trail: that it was given, and what it came to.
#include "node/accounts/accounts.hpp"
#include "node/control/control_services.hpp"

#include <nlohmann/json_fwd.hpp>

namespace hublink {

/// What such a row says before the command has done anything.
audit_row audit_row_of(const commander& by, const nlohmann::ordered_json& request, std::int64_t now_ms);

/// Of a row in the trail; known on the accounts' thread.
using audit_number = std::shared_ptr<const std::int64_t>;
/// Writes the row down, from any other thread than that.
audit_number note_begun(accounts& users, audit_row row);

/// What is given to the reply that comes back completes the row, and goes on to `reply`, but for what is
/// meant for the trail alone; a command that never answers was cancelled.
control_reply audited(accounts& users, audit_number number, control_reply reply);

} // namespace hublink
