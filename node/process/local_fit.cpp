#include "node/process/local_fit.hpp"

#include "protocol/base/utf8.hpp"

namespace hublink {

namespace {

bool fits(const std::string& file, job_kind kind, const definition& self) {
  if (file == "*") return true;
  return kind == job_kind::post_receive ? self.receives.contains(file) : self.sends.contains(file);
}

} // namespace

std::vector<std::string> misfits(const job_table& jobs, const definition& self) {
  std::vector<std::string> found;
  for (const auto& [file, of_file] : jobs.by_file)
    for (const auto& [kind, job] : of_file)
      if (!fits(file, kind, self))
        found.push_back("local.json, jobs." + file + "." + std::string{to_string(kind)} + ": " + self.node +
                        (kind == job_kind::post_receive ? " does not receive " : " does not send ") +
                        shown_text(file) + " by the definition in force; the job waits until it does");
  return found;
}

} // namespace hublink
