#include "actors/definition/transfer_policy.hpp"

#include <array>

namespace hublink {

std::string_view to_string(store_policy policy) {
  constexpr std::array<std::string_view, 4> names{"never", "when_unreachable", "always", "only"};
  return names[std::size_t(policy)];
}

} // namespace hublink
