#pragma once
/// All that the program says to a person goes out here: each text that is put into a line is shown as
/// `shown_text` has it, whoever it came from, so that it can neither act on a terminal nor end its line.
/// Lines and columns are the format's own. (test/lint/printing.py refuses every other way out.)
#include "protocol/base/utf8.hpp"

#include <nlohmann/json_fwd.hpp>
#include <spdlog/fmt/fmt.h>

#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>

namespace hublink {

/// An argument of a format as it goes into the line.
template <class T>
decltype(auto) as_shown(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>)
    return shown_text(value);
  else
    return (value);
}

template <class T>
using shown_argument = std::remove_cvref_t<decltype(as_shown(std::declval<const T&>()))>;

/// The line, or lines, as `print` writes them.
template <class... Args>
std::string shown_line(fmt::format_string<shown_argument<Args>...> format, const Args&... args) {
  return [&](auto&&... shown) {
    return fmt::vformat(fmt::string_view(format), fmt::make_format_args(shown...));
  }(as_shown(args)...);
}

template <class... Args>
void print(std::ostream& out, fmt::format_string<shown_argument<Args>...> format, const Args&... args) {
  out << shown_line<Args...>(format, args...);
}

/// A JSON document, which says the same with what would act escaped. `indent`: -1 for one line.
void print_json(std::ostream& out, const nlohmann::ordered_json& value, int indent = 2);

} // namespace hublink
