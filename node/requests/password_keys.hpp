#pragma once
/// What is made of a new password where it is typed, for a server that is not to hear it.
#include "protocol/trust/scram.hpp"

#include <nlohmann/json_fwd.hpp>

namespace hublink {

/// How that server makes keys of a password.
nlohmann::ordered_json recipe_json(const scram::recipe& how);
/// Fails with `bad_message`, also where the server asks for too cheap or too dear a recipe.
outcome<scram::recipe> recipe_of_json(const nlohmann::ordered_json& shape);

/// `stored` and `server`, in hex.
nlohmann::ordered_json keys_json(const scram::recipe& how, const scram::key& salted_password);

} // namespace hublink
