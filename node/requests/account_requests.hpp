#pragma once
/// The commands about accounts, as JSON; docs/json.md, "users".
#include "node/accounts/accounts.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace hublink {

bool is_account_verb(std::string_view verb);

/// Calls `done` on the accounts' thread with the fields of the answer, or `bad_config`.
void serve_account_request(accounts& of, const commander& by, const nlohmann::ordered_json& request,
                           std::function<void(outcome<nlohmann::ordered_json>)> done);

} // namespace hublink
