#pragma once
/// The commands of the command line, a row each. A row stands in the file of its name, or in that of its kind
/// (`steer`, `listings`, …), behind what sets it up.
#include <CLI/CLI.hpp>

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hublink {

/// Adds its options; and, when it is the one that the user called, does the work and leaves the exit code
/// (docs/reference/json.md, "Exit codes") in `exit`.
using command_set_up = void(CLI::App& verb, int& exit);
/// The same of a command that runs a program: `program` are the words of that one, once the line is read.
using program_set_up = void(CLI::App& verb, const std::vector<std::string>& program, int& exit);

struct command_example {
  std::string_view line, says;
};

struct command_row {
  std::string_view name;
  const char* does; ///< a line of `hublink --help`
  command_set_up* set_up = nullptr;
  program_set_up* set_up_program = nullptr;    ///< in its place
  std::span<const command_example> examples{}; ///< what it is for: in its help, and on its manual page
};

extern const command_row init_command, check_command, plan_command, keys_command, certificates_command,
    invite_command, sign_command, revoke_command, renew_command, bundle_command, install_command,
    backup_command, restore_command, run_command, drain_command, send_command, request_command, login_command,
    logout_command, sessions_command, users_command, tokens_command, audit_command, apply_command,
    ping_command, cancel_command, retry_command, hold_command, release_command, stored_command,
    deliver_command, rate_command, status_command, files_command, transfers_command, trace_command,
    events_command, history_command, gateways_command, streams_command, socks_users_command, wrap_command,
    manual_command;

/// In the order of `hublink --help`. Those that a running node serves have a verb of the same name
/// (requests/verbs), which says what it takes and where it is done.
inline constexpr std::array commands{
    &init_command,        &check_command,   &plan_command,    &keys_command,     &certificates_command,
    &invite_command,      &sign_command,    &revoke_command,  &renew_command,    &bundle_command,
    &install_command,     &backup_command,  &restore_command, &run_command,      &drain_command,
    &send_command,        &request_command, &login_command,   &logout_command,   &sessions_command,
    &users_command,       &tokens_command,  &audit_command,   &apply_command,    &ping_command,
    &cancel_command,      &retry_command,   &hold_command,    &release_command,  &stored_command,
    &deliver_command,     &rate_command,    &status_command,  &files_command,    &transfers_command,
    &trace_command,       &events_command,  &history_command, &gateways_command, &streams_command,
    &socks_users_command, &wrap_command,    &manual_command};

/// Null: there is none of that name.
const command_row* find_command(std::string_view name);
/// As its help shows its examples; empty if there are none.
std::string examples_text(const command_row& row);

} // namespace hublink
