#pragma once
/// CLI11 looks one up by throwing, or not in a constant.
#include <CLI/CLI.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace hublink {

inline std::vector<const CLI::App*> subcommands(const CLI::App& of) {
  return of.get_subcommands([](const CLI::App*) { return true; });
}

/// Null: there is none of that name.
inline const CLI::App* find_subcommand(const CLI::App& of, const std::string& name) {
  for (const auto* each : subcommands(of))
    if (each->get_name() == name) return each;
  return nullptr;
}

inline std::vector<std::string_view> subcommand_names(const CLI::App& of) {
  std::vector<std::string_view> names;
  for (const auto* each : subcommands(of)) names.push_back(each->get_name());
  return names;
}

} // namespace hublink
