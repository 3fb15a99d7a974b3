#pragma once
/// The node's journal on SQLite: WAL, `synchronous=FULL`, one commit for all changes that wait at the moment.
#include "actors/node/node_interface.hpp"

#include <filesystem>

namespace hublink {

/// Opens or makes `file` (0600). Fails with `io_error` or `no_space` and the path. The actor is detached: it
/// blocks on the disk. Transfers that ended longer ago than `keep` are removed at the start and every hour,
/// in small steps.
outcome<journal_actor> spawn_sqlite_journal(caf::actor_system& system, const std::filesystem::path& file,
                                            std::function<std::chrono::system_clock::time_point()> wall_clock,
                                            std::chrono::hours keep);

} // namespace hublink
