#pragma once
/// What another node answers is looked at once, before anybody acts on it: by the shape in its verb's row
/// (requests/verbs), or by one of those here, which are asked for from below those rows, too.
/// docs/reference/json.md has what the fields mean.
#include "node/control/json_shape.hpp"

#include <array>
#include <string>
#include <string_view>

namespace hublink {

/// Any line of the answer, beside what every answer may have.
namespace answers {

inline constexpr std::array events{
    json_field{"events", json_kind::events}, json_field{"next", json_kind::number, true},
    json_field{"missed", json_kind::number}, json_field{"ring", json_kind::number},
    json_field{"nodes", json_kind::texts}};
inline constexpr std::array define{json_field{"version", json_kind::number},
                                   json_field{"kept", json_kind::flag}};
inline constexpr std::array fetch{json_field{"definition", json_kind::text, true},
                                  json_field{"list", json_kind::text, true},
                                  json_field{"word", json_kind::text}};
inline constexpr std::array kept_row{json_field{"version", json_kind::number},
                                     json_field{"handed_on", json_kind::flag},
                                     json_field{"reason", json_kind::text}};
inline constexpr std::array definition_row{
    json_field{"node", json_kind::text, true}, json_field{"version", json_kind::number, true},
    json_field{"list", json_kind::number}, json_field{"kept", json_kind::row_map, false, kept_row},
    json_field{"content", json_kind::object}};
inline constexpr std::array definition{json_field{"definitions", json_kind::rows, true, definition_row}};

} // namespace answers

/// `bad_message`, in words that name the field, if it is no line of such an answer.
outcome<> fits_answer(const nlohmann::ordered_json& line, json_shape answer);

/// A line that `node` answered: an object of that shape, or `bad_message` at `node`. `last`: it ends the
/// answer, and so has to say how.
outcome<nlohmann::ordered_json> read_answer(std::string_view line, json_shape answer, const std::string& node,
                                            bool last = true);

} // namespace hublink
