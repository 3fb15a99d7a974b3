#pragma once
/// What a folder of events says of one transfer.
#include "protocol/base/bytes.hpp"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>

namespace hublink {

/// Its events in the order in which they were written: the first `most`. Of segments with an index it reads
/// the blocks that tell of it; others are read if they were written when the id can have been there.
nlohmann::ordered_json read_trace(const std::filesystem::path& folder, const transfer_id& transfer,
                                  std::size_t most = 10'000);

/// Gives each event of a trace `since_ms`: milliseconds since the first one.
void number_times(nlohmann::ordered_json& events);

} // namespace hublink
