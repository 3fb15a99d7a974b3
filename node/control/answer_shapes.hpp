#pragma once
/// The shape of every verb's answer, a row each: what another node says is looked at once, by these, before
/// anybody acts on it. Those of requests stand in the verbs' rows (requests/verbs): who only asks has no need
/// of them. docs/reference/json.md has what the fields mean.
#include "node/control/json_shape.hpp"

#include <string_view>

namespace hublink {

struct answer_shape {
  std::string_view verb;
  json_shape answer; ///< any of its lines, beside what every answer may have
};

/// Every one.
std::span<const answer_shape> answer_shapes();

/// `bad_message`, in words that name the field, if it is no line of an answer to that verb.
outcome<> fits_answer(const nlohmann::ordered_json& line, std::string_view verb);

/// A line that `node` answered to a command of that verb: an object of the right shape, or `bad_message` at
/// `node`. `last`: it ends the answer, and so has to say how.
outcome<nlohmann::ordered_json> read_answer(std::string_view line, std::string_view verb,
                                            const std::string& node, bool last = true);

} // namespace hublink
