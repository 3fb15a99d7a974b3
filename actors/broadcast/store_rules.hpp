#pragma once
/// How a broadcast point's store treats one transfer. Pure, but for the board that it tells.
#include "actors/broadcast/broadcast_table.hpp"
#include "actors/definition/definition.hpp"

#include <string>
#include <vector>

namespace hublink {

/// As that definition of the file has it, for a transfer that came at `steady_ms`.
store_terms terms_of(const transfer_definition& file, std::int64_t steady_ms);

/// It is kept for receivers that can't be had now.
bool is_stored(const broadcast& of);
/// Its time in the store is over.
bool is_too_old(const broadcast& of, std::int64_t steady_ms);

/// Of these, whose turn it is: who is held back, or behind an earlier transfer of the same file ID, is told
/// to the board as `stored` at `here`.
std::vector<std::string> whose_turn(broadcast& of, const broadcast_table& among,
                                    const std::vector<std::string>& names, const std::string& here);

/// Whoever has not got it fails with `expired` at `here`.
void expire(broadcast& of, const std::string& here);

/// It waits for somebody.
bool waits_in_store(const broadcast& of);
stored_transfer row_of(const broadcast& of);

} // namespace hublink
