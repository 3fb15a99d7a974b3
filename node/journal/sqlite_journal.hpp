#pragma once
/// The node's journal on SQLite: WAL, `synchronous=FULL`, one commit for all changes that wait at the moment.
#include "actors/node/node_interface.hpp"

#include <filesystem>

namespace hublink {

class journal_store;

/// Opens or makes `file` (0600), and brings it up to date. Fails with `io_error` or `no_space` and the path,
/// with `bad_config` where a later version made it. `steady_ms`: see `environment`.
outcome<std::shared_ptr<journal_store>> open_journal(const std::filesystem::path& file,
                                                     std::function<std::int64_t()> steady_ms);

/// Called by the journal's thread after each commit; returns at once.
using commit_watch = std::function<void(std::chrono::steady_clock::duration took)>;

/// The actor is detached: it blocks on the disk, and is the only one that uses `store`. Transfers that ended
/// longer ago than `keep` are removed at the start and every hour, in small steps.
journal_actor spawn_sqlite_journal(caf::actor_system& system, std::shared_ptr<journal_store> store,
                                   std::function<std::chrono::system_clock::time_point()> wall_clock,
                                   std::function<std::int64_t()> steady_ms, std::chrono::hours keep,
                                   commit_watch committed = {});

} // namespace hublink
