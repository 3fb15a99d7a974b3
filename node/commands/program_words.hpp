#pragma once
/// A command line that ends with a program and its own words, as that of `hublink wrap`. Pure.
#include <CLI/CLI.hpp>

#include <span>

namespace hublink {

/// How the words behind a command's name part: its own, and those of the program, without the `--` between
/// them.
struct parted_words {
  std::span<char*> own, program;
};

/// The program begins behind the first `--`, or with the first word that is neither an option of `verb` nor
/// an option's value. So options of the program are its own, however they look.
parted_words part_words(const CLI::App& verb, std::span<char*> words);

} // namespace hublink
