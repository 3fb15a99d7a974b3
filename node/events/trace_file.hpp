#pragma once
/// What `events.jsonl` says of one transfer.
#include "protocol/base/bytes.hpp"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>

namespace hublink {

/// Its events in the order in which they were written: the first `most`. Reads the whole file.
nlohmann::ordered_json read_trace(const std::filesystem::path& file, const transfer_id& transfer,
                                  std::size_t most = 10'000);

/// Gives each event of a trace `since_ms`: milliseconds since the first one.
void number_times(nlohmann::ordered_json& events);

} // namespace hublink
