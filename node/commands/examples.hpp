#pragma once
/// Command lines that show what a verb is for: in its help, and on its manual page.
#include <span>
#include <string>
#include <string_view>

namespace hublink {

struct command_example {
  std::string_view verb, line, says;
};

std::span<const command_example> command_examples();
/// Of that verb, as its help shows them; empty if there are none.
std::string examples_text(std::string_view verb);

} // namespace hublink
