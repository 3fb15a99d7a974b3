#pragma once
/// A whole node in this process: plane, journal, actors, control socket.
#include "actors/definition/definition.hpp"
#include "actors/definition/jobs.hpp"
#include "node/files/arrival.hpp"
#include "node/files/file_roots.hpp"
#include "node/spans/spans_config.hpp"
#include "node/trust/keys.hpp"
#include "node/web/web_config.hpp"

#include <filesystem>
#include <functional>
#include <optional>

namespace hublink {

struct node_options {
  definition_ptr self; ///< to begin with
  definition_ptr here; ///< the same, with the places where this start of the node listens
  node_keys keys;
  std::filesystem::path data;
  std::string topology_text{}; ///< of the file that it was started with
  job_table jobs{};
  bool confine_jobs = true;              ///< jobs don't see the keys
  file_rules files{};                    ///< what definitions may name
  arrival_rules arrivals{};              ///< who gets what is received
  web_settings web{};                    ///< what is served over HTTP
  std::optional<span_collector> spans{}; ///< where spans of what happens here go
};

/// Serves until SIGTERM or SIGINT, then ends in order. `ready` is called once commands and neighbours are
/// served. Fails with what kept it from starting: `bad_config` (address in use, another node in `data`),
/// `io_error`, `no_space`.
outcome<> run_node(const node_options& options, const std::function<void()>& ready);

} // namespace hublink
