#include "actors/definition/jobs.hpp"

#include <array>

namespace hublink {

namespace {
constexpr std::array<std::string_view, 3> job_names{"pre_send", "post_send", "post_receive"};
} // namespace

std::string_view to_string(job_kind kind) { return job_names.at(std::size_t(kind)); }

std::optional<job_kind> job_kind_from_string(std::string_view name) {
  for (auto kind : {job_kind::pre_send, job_kind::post_send, job_kind::post_receive})
    if (to_string(kind) == name) return kind;
  return {};
}

const job_definition* job_table::find(const std::string& file, job_kind kind) const {
  auto of_file = by_file.find(file);
  if (of_file == by_file.end()) of_file = by_file.find("*");
  if (of_file == by_file.end()) return nullptr;
  auto found = of_file->second.find(kind);
  return found == of_file->second.end() ? nullptr : &found->second;
}

} // namespace hublink
