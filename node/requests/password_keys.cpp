#include "node/requests/password_keys.hpp"

#include "node/control/request_json.hpp"

#include <algorithm>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

bool is_within(std::uint64_t value, std::uint32_t least, std::uint32_t most) {
  return value >= least && value <= most;
}

} // namespace

json recipe_json(const scram::recipe& how) {
  return {{"salt", to_hex(how.salt)}, {"passes", how.cost.passes}, {"memory_kib", how.cost.memory_kib}};
}

outcome<scram::recipe> recipe_of_json(const json& shape) {
  scram::recipe how;
  const auto salt = from_hex(field_text(shape, "salt"));
  if (!salt || salt->size() != how.salt.size())
    return failure{errc::bad_message, {}, "a recipe for keys without a salt of 16 bytes"};
  std::copy(salt->begin(), salt->end(), how.salt.begin());
  const std::uint64_t passes = field_number(shape, "passes").value_or(0),
                      memory = field_number(shape, "memory_kib").value_or(0);
  if (!is_within(passes, scram::least_cost.passes, scram::most_cost.passes) ||
      !is_within(memory, scram::least_cost.memory_kib, scram::most_cost.memory_kib))
    return failure{errc::bad_message, {}, "a recipe for keys that is too cheap, or too dear"};
  how.cost = {std::uint32_t(passes), std::uint32_t(memory)};
  return how;
}

json keys_json(const scram::recipe& how, const scram::key& salted_password) {
  const auto keys = scram::make_verifier(how, salted_password);
  return {{"stored", to_hex(keys.stored)}, {"server", to_hex(keys.server)}};
}

} // namespace hublink
