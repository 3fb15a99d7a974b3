#pragma once
/// The verbs of the command line, one file each. Every `add_…` registers its subcommand with its help; when
/// that is the one that the user called, it does the work and leaves the exit code (docs/json.md, "Exit
/// codes") in `exit`.
#include <CLI/CLI.hpp>

namespace hublink {

void add_check(CLI::App& app, int& exit);
void add_plan(CLI::App& app, int& exit);
void add_keys(CLI::App& app, int& exit);
void add_run(CLI::App& app, int& exit);
void add_send(CLI::App& app, int& exit);
void add_request(CLI::App& app, int& exit);
void add_login(CLI::App& app, int& exit); ///< login, logout, sessions
void add_users(CLI::App& app, int& exit);
void add_audit(CLI::App& app, int& exit);
void add_apply(CLI::App& app, int& exit);
void add_ping(CLI::App& app, int& exit);
void add_steering(CLI::App& app, int& exit); ///< cancel, retry, hold, release
void add_store(CLI::App& app, int& exit);    ///< stored, deliver
void add_rate(CLI::App& app, int& exit);
void add_status(CLI::App& app, int& exit);
void add_transfers(CLI::App& app, int& exit);
void add_trace(CLI::App& app, int& exit);
void add_events(CLI::App& app, int& exit);
void add_history(CLI::App& app, int& exit);
void add_gateways(CLI::App& app, int& exit);
void add_streams(CLI::App& app, int& exit);
void add_wrap(CLI::App& app, int& exit);

} // namespace hublink
