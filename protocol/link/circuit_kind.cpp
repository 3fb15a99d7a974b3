#include "protocol/link/circuit_kind.hpp"

namespace hublink {

namespace {

constexpr bool stand_in_order() {
  std::size_t place = 0;
  return std::ranges::all_of(circuit_kinds, [&](const auto& row) {
    return row.kind == static_cast<circuit_kind>(place++) && !row.name.empty();
  });
}
static_assert(stand_in_order());

} // namespace

std::string_view to_string(circuit_kind value) { return traits_of(value).name; }

std::optional<circuit_kind> circuit_kind_from_string(std::string_view name) {
  auto found = std::ranges::find(circuit_kinds, name, &circuit_traits::name);
  if (found == circuit_kinds.end()) return {};
  return found->kind;
}

} // namespace hublink
