#pragma once
/// Ids and times as actors make them: from the environment, so that a simulation replays.
#include "actors/ports/environment.hpp"

namespace hublink {

/// Milliseconds since 1970 by the environment's wall clock, to be shown.
std::int64_t now_ms(const environment& env);
/// Milliseconds by the node's own count, see `environment`.
std::int64_t steady_ms(const environment& env);
/// For `checkpoint_interval`.
std::function<std::chrono::milliseconds()> steady_clock_of(const environment& env);
/// 16 hex digits.
std::string make_open_id(const environment& env);
/// 12 hex digits of time, 20 of chance.
transfer_id make_transfer_id(const environment& env);
/// The request that begins a circuit at this node: an id of its own, and the whole budget.
open make_open(const environment& env, circuit_kind kind, const transfer_id& transfer);

} // namespace hublink
