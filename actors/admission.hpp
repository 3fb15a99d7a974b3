#pragma once
/// Does a receiver want what it is offered? Pure; every journal decides by these rules.
#include "actors/transfers.hpp"

#include <optional>

namespace hublink {

/// What a receiver's journal knows of the transfer that is offered.
struct known_transfer {
  transfer_state state = transfer_state::running;
  std::uint32_t attempt = 1;
  bytes receipt; ///< where it is done
};

/// `last_published`: the sequence that this sender published last under this file ID here, 0 if none.
/// Done already → its receipt again and nothing else; an older attempt → `replayed`; an older sequence →
/// `superseded`.
verdict admit(const std::optional<known_transfer>& known, std::uint64_t last_published,
              const transfer_offer& offer);

/// The rename comes next: may it? Another attempt may have been faster, or a later transfer.
outcome<> may_publish(const known_transfer& known, std::uint64_t sequence, std::uint64_t last_published);

} // namespace hublink
