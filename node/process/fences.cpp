#include "node/process/fences.hpp"
#include "node/process/privileges.hpp"
#include "node/trust/renewed_keys.hpp"

#include <filesystem>

namespace hublink {

file_roots_ptr held_to_roots(const node_options& options) {
  auto rules = options.files;
  rules.data = options.data.string();
  auto roots = std::make_shared<const file_roots>(std::move(rules));
  give_up_privileges(*roots, !options.jobs.by_file.empty(), options.arrivals.gives_away());
  return roots;
}

std::vector<std::string> hidden_from_jobs(const node_options& options) {
  if (!options.confine_jobs) return {};
  auto key = std::filesystem::absolute(options.keys.first_key_path).lexically_normal();
  auto data = std::filesystem::absolute(options.data).lexically_normal();
  auto way = data.lexically_relative(key.parent_path());
  bool contains_data = !way.empty() && *way.begin() != "..";
  return {contains_data ? key.string() : key.parent_path().string(), renewed_keys{data}.folder().string()};
}

} // namespace hublink
