#pragma once
/// What a node counts and measures, as Prometheus reads it; docs/reference/metrics.md.
#include "node/requests/verbs.hpp"

#include <span>

namespace hublink {

std::span<const verb> metrics_verbs();

} // namespace hublink
