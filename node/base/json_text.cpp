#include "node/base/json_text.hpp"
#include "protocol/base/utf8.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

std::string to_line(const nlohmann::ordered_json& value) {
  return shown_json(value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

} // namespace hublink
