#pragma once
/// `DIR/local.json`: what the node's own operator decides and nobody else, neither the topology nor the wire.
/// Fields: docs/topology.md, "local.json".
#include "actors/definition/jobs.hpp"
#include "node/topology/topology.hpp"

#include <filesystem>

namespace hublink {

struct local_config {
  job_table jobs;
};
struct parsed_local_config {
  local_config value;
  std::vector<problem> problems;
};

/// Never throws. `self`: whose jobs they are, and for which files.
parsed_local_config parse_local_config(std::string_view text, const definition& self);

/// No file is an empty configuration. `bad_config`: it can't be read, others may write it (it names
/// commands), or it has problems: these are printed to stderr, one a line.
outcome<local_config> load_local_config(const std::filesystem::path& folder, const definition& self);

} // namespace hublink
