#pragma once
/// What the API is, as OpenAPI 3.1 has it: made of the table of verbs and of the shapes of their answers, so
/// that it can't say anything else than what is served.
#include <string>

namespace hublink {

/// The document.
const std::string& open_api();

} // namespace hublink
