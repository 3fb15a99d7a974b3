#pragma once
/// Where a command gets a password from: `--password-file`, `HUBLINK_PASSWORD`, or the terminal, unseen.
#include "protocol/base/errors.hpp"

#include <CLI/CLI.hpp>

#include <string>

namespace hublink {

/// `--password-file FILE`.
void add_password_option(CLI::App& verb, std::string& file);

/// The first line of the file, the variable, or what is typed at `prompt` (twice if `again`). Fails with
/// `bad_config` where there is none of these.
outcome<std::string> read_password(const std::string& file, const std::string& prompt, bool again);

/// What is typed at the terminal, unseen.
std::string type_unseen(const std::string& prompt);

} // namespace hublink
