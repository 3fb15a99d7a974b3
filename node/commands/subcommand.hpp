#pragma once
/// CLI11 looks one up by throwing, or not in a constant.
#include <CLI/CLI.hpp>

#include <string>

namespace hublink {

/// Null: there is none of that name.
inline const CLI::App* find_subcommand(const CLI::App& of, const std::string& name) {
  for (const auto* each : of.get_subcommands([](const CLI::App*) { return true; }))
    if (each->get_name() == name) return each;
  return nullptr;
}

} // namespace hublink
