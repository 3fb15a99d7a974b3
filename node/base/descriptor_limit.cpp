#include "node/base/descriptor_limit.hpp"

#include <sys/resource.h>

#include <optional>

namespace hublink {

namespace {

std::optional<rlimit> limit_at_start;

} // namespace

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  if (!limit_at_start) limit_at_start = limit;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void restore_descriptor_limit(pid_t started) {
  if (limit_at_start) ::prlimit(started, RLIMIT_NOFILE, &*limit_at_start, nullptr);
}

} // namespace hublink
