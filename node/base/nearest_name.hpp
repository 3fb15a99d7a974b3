#pragma once
/// What was meant by a name that was mistyped. Pure.
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hublink {

/// How many letters have to be put in, left out, replaced, or swapped with the next one, to make one of the
/// other; no letter twice.
std::size_t edit_distance(std::string_view from, std::string_view to);

/// The first one of those that are nearest; nothing if none is near: one letter may be wrong, of a long name
/// a third of them.
std::optional<std::string_view> nearest_name(std::string_view name, std::span<const std::string_view> known);

/// `sned: no such command; did you mean send?`, or with `hint` instead if none is near.
std::string no_such_command(std::string_view name, std::span<const std::string_view> known,
                            std::string_view hint = {});

} // namespace hublink
