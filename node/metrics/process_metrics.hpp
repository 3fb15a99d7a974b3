#pragma once
/// What this process takes of its machine, by /proc, under the names that Prometheus' own clients have.
#include "node/metrics/metric_text.hpp"

#include <filesystem>

namespace hublink {

/// `data`: the node's directory, whose file system is measured.
void add_process_metrics(metric_list& to, const std::filesystem::path& data);

} // namespace hublink
