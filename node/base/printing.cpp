#include "node/base/printing.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

void print_json(std::ostream& out, const nlohmann::ordered_json& value, int indent) {
  out << shown_json(value.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) << "\n";
}

} // namespace hublink
