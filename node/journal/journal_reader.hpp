#pragma once
/// Reads the journal beside its writer, over connections of its own: a listing of many thousands of transfers
/// holds no commit up. Each sees what was committed before it began.
#include "actors/transfer/transfer_interface.hpp"

#include <filesystem>

namespace hublink {

using journal_reader_actor =
    caf::typed_actor<caf::replies_to<transfer_query>::with<std::vector<transfer_record>>,
                     caf::replies_to<tally_query>::with<transfer_tally>>;

/// Detached: it blocks on the disk. The file is opened when it is asked first.
journal_reader_actor spawn_journal_reader(caf::actor_system& system, std::filesystem::path file);

} // namespace hublink
