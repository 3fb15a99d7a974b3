#pragma once
/// `DIR/local.json`: what the node's own operator decides and nobody else, neither the topology nor the wire.
/// Fields: docs/reference/local.md.
#include "actors/definition/jobs.hpp"
#include "node/files/arrival.hpp"
#include "node/spans/spans_config.hpp"
#include "node/topology/topology.hpp"
#include "node/web/web_config.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hublink {

struct local_config {
  job_table jobs;
  bool confine_jobs = true; ///< jobs don't see the keys
  /// Directories that definitions may name, beside in/ and out/. None given: those files, too, that the
  /// topology file names which the operator starts the node with.
  std::optional<std::vector<std::string>> roots;
  std::vector<std::string> mounts; ///< below these nothing is used while they are no mount points
  arrival_rules arrivals;
  web_settings web;
  std::optional<span_collector> spans;
};
struct parsed_local_config {
  local_config value;
  std::vector<problem> problems;
};

/// Never throws. Whether jobs are for files of this node, `misfits` says.
parsed_local_config parse_local_config(std::string_view text);

/// No file is an empty configuration. `bad_config`: it can't be read, others own it or may write it (it names
/// commands), or it has problems: these are printed to stderr, one a line.
outcome<local_config> load_local_config(const std::filesystem::path& folder);

} // namespace hublink
