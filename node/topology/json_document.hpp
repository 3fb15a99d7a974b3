#pragma once
/// The text of a JSON file as a document. Included by sources only.
#include "node/topology/json_fields.hpp"

namespace hublink {

/// What is no JSON, says a key twice or is beyond all bounds is noted with its place. Discarded if there is
/// nothing to read.
nlohmann::json read_json(std::string_view text, problems& found);

} // namespace hublink
