#pragma once
/// A command's page for man(1), from the same options and rows as its help.
#include <CLI/CLI.hpp>

#include <string>

namespace hublink {

/// Of the whole program, with each command in a line.
std::string program_page(const CLI::App& app);
/// Of one command, its own subcommands included.
std::string command_page(const CLI::App& verb);
/// Text as roff shows it, whatever it begins with.
std::string roff_text(std::string_view text);

} // namespace hublink
