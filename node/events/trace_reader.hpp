#pragma once
/// Reads traces for who asks, on a thread of its own: files are read for each, which no other actor waits
/// for. In turn for those who ask.
#include "actors/base/atoms.hpp"
#include "protocol/base/bytes.hpp"

#include <caf/all.hpp>

#include <filesystem>
#include <string>

namespace hublink {

using trace_reader_actor = caf::typed_actor<
    // That transfer's events, as a list in JSON; for that asker.
    caf::replies_to<trace_atom, transfer_id, std::string>::with<std::string>,
    // The next one.
    caf::reacts_to<resume_atom>>;

/// Of the segments in `folder`.
trace_reader_actor spawn_trace_reader(caf::actor_system& system, std::filesystem::path folder);

} // namespace hublink
