#include "actors/circuit/leg_id.hpp"
#include "protocol/circuit/statement.hpp"

#include <string_view>

namespace hublink {

namespace {

void put_part(std::string& into, std::string_view part) {
  into += std::to_string(part.size());
  into += ':';
  into += part;
}

} // namespace

std::string leg_id(const open& told, const std::string& from, const std::string& to) {
  std::string said{"hublink leg"};
  for (std::string_view part : {std::string_view{from}, std::string_view{to}, std::string_view{told.open_id},
                                std::string_view{told.file ? *told.file : std::string_view{}}})
    put_part(said, part);
  put_part(said, std::to_string(told.round));
  for (const auto& name : told.destination) put_part(said, name);
  return to_hex(byte_view{hash_of(as_bytes(said))}.first(8));
}

} // namespace hublink
