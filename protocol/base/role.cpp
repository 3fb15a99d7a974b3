#include "protocol/base/role.hpp"

#include <algorithm>
#include <array>

namespace hublink {
namespace {

constexpr std::array<std::string_view, 3> role_names{"manager", "server", "client"};

} // namespace

std::string_view to_string(role value) { return role_names[static_cast<std::size_t>(value)]; }

std::optional<role> role_from_string(std::string_view name) {
  auto found = std::ranges::find(role_names, name);
  if (found == role_names.end()) return {};
  return static_cast<role>(found - role_names.begin());
}

} // namespace hublink
