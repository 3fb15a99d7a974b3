#pragma once
/// What may stand next in a command line, for the shells' completion: `hublink complete -- WORDS…` prints a
/// candidate a line. Commands and options come from the same table as the help; files, transfers and nodes
/// from the running node.
#include <CLI/CLI.hpp>

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace hublink {

/// What stands for itself in a positional's name: asks for the values there are.
using live_values = std::function<std::vector<std::string>(const std::string& kind)>;

/// `words`: those after `hublink`; the last one is begun, or empty. Nothing: the shell's own file names.
std::vector<std::string> completions(const CLI::App& app, std::span<const std::string> words,
                                     const live_values& live);

bool completion_is_asked(const std::vector<std::string>& line);
/// Always 0: who completes a line wants no messages in it.
int complete_line(const CLI::App& app, const std::vector<std::string>& line);

} // namespace hublink
