#pragma once
/// What a node is in its network; a certificate's OU says so.
#include <cstdint>
#include <optional>
#include <string_view>

namespace hublink {

enum class role : std::uint8_t { manager, server, client };
std::string_view to_string(role value);
std::optional<role> role_from_string(std::string_view name);

} // namespace hublink
