#pragma once
/// JSON from outside becomes a document here and nowhere else. Depth, size and number of values are bounded
/// while it is read, before anything recurses over it (to copy, print or compare a document does); an object
/// that says a key twice is refused, since readers differ in which one counts. For sources only: it brings
/// nlohmann/json.
#include "protocol/base/errors.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hublink {

struct json_bounds {
  std::size_t bytes = 4 << 20;
  std::size_t depth = 16;         ///< objects and arrays in each other
  std::size_t values = 1'000'000; ///< of all kinds
};

/// Why a text is no document.
struct json_fault {
  bool malformed = false;        ///< it is no JSON; else it is beyond the bounds
  std::size_t byte = 0;          ///< of the text, from 1, where the reader saw it; 0: it has no one place
  std::vector<std::string> path; ///< keys on the way there
  std::string what;
};

/// `Json`: `nlohmann::json` or `nlohmann::ordered_json`.
template <class Json>
std::variant<Json, json_fault> build_json(std::string_view text, const json_bounds& most = {});

/// The document, or `bad_message` with what is wrong.
outcome<nlohmann::ordered_json> read_json(std::string_view text, const json_bounds& most = {});
/// The same, for what has to be an object: a command, an answer.
outcome<nlohmann::ordered_json> read_json_object(std::string_view text, const json_bounds& most = {});

} // namespace hublink
