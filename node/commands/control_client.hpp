#pragma once
/// How commands talk to a running node.
#include "protocol/base/errors.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace hublink {

/// `--data DIR` (or `HUBLINK_DATA`), required.
void add_data_option(CLI::App& verb, std::string& data);

/// `--user NAME` (or `HUBLINK_USER`): whose sessions, at a manager where several users are logged in.
void add_user_option(CLI::App& verb, std::string& user);

struct control_call {
  std::string data;   ///< the node's directory
  std::string user{}; ///< goes with the request; empty: none was named
  std::optional<std::chrono::milliseconds> timeout{};
  /// Every line that comes before the last one.
  std::function<void(const nlohmann::ordered_json&)> on_line = [](const auto&) {};
};

/// Asks the node and returns its last line. Fails with `hop_down` if no node runs there, `timed_out`, or
/// `cut` if it went away.
outcome<nlohmann::ordered_json> call_node(const control_call& call, const nlohmann::ordered_json& request);

/// A line for each node that the answer says could not be asked.
void warn_of_missing(const nlohmann::ordered_json& answer);

/// `call_node` for a verb that ends with its answer: prints failures to stderr and returns the exit code; a
/// time-out is 3. `show` gets the last line if it is no failure.
int run_call(const control_call& call, const nlohmann::ordered_json& request,
             const std::function<void(const nlohmann::ordered_json&)>& show);

} // namespace hublink
