#pragma once
/// Verbs that begin a transfer: they print its id, and may wait for its end.
#include <CLI/CLI.hpp>
#include <nlohmann/json_fwd.hpp>

#include <string>

namespace hublink {

struct transfer_call {
  std::string data; ///< the node's directory
  std::string user; ///< at a manager: whose sessions
  bool wait = false;
  std::string timeout; ///< `10`, `10s`, `10m`; empty: as long as it takes
};

/// `--wait`, `--timeout`, `--user`, `--data`.
void add_transfer_options(CLI::App& verb, transfer_call& call);

/// Asks the node and shows what comes; the exit code.
int run_transfer_call(const transfer_call& call, const nlohmann::ordered_json& request);

} // namespace hublink
