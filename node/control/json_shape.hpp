#pragma once
/// What a JSON object from outside has to be before anybody acts on it, field by field. Unknown fields are
/// passed over, so that versions can mix.
#include "protocol/base/errors.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace hublink {

enum class json_kind : std::uint8_t {
  text,     ///< of so many bytes at most
  number,   ///< whole, from 0 on
  flag,     ///< true or false
  texts,    ///< a list of them
  text_map, ///< an object whose values are texts
  object,   ///< of the shape `of`
  rows,     ///< a list of objects of the shape `of`
  row_map,  ///< an object whose values are objects of the shape `of`
  events,   ///< a list of objects whose values are single, lists of texts, or objects of texts
};

struct json_field {
  std::string_view name;
  json_kind kind = json_kind::text;
  bool needed = false;
  std::span<const json_field> of{};
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max(); ///< a number; bytes of a text
};
using json_shape = std::span<const json_field>;

/// `bad_message` with the first field that is otherwise, and what it should be.
outcome<> fits(const nlohmann::ordered_json& value, json_shape shape);

} // namespace hublink
