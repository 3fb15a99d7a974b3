#pragma once
/// The node's log.
#include <spdlog/logger.h>

#include <filesystem>
#include <memory>
#include <string>

namespace hublink {

/// Logs to `DIR/hublink.log`, kept small; warnings go to standard error too. It is the process's default log
/// from now on, and thread-safe.
std::shared_ptr<spdlog::logger> start_log(const std::filesystem::path& data, const std::string& node);

/// Somebody may have renamed its file: what comes next goes where it belongs. Thread-safe.
void reopen_log(const spdlog::logger& log);

} // namespace hublink
