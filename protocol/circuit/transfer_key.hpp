#pragma once
/// What a transfer of somebody else's is known by. Its id is no proof: it travels in the clear, and whoever
/// receives the same file knows it. So all that is kept, looked up or ended for a peer goes by its name too,
/// as the certificate of who signed says.
#include "protocol/circuit/owner_questions.hpp"

#include <compare>
#include <string>

namespace hublink {

struct transfer_key {
  transfer_id transfer; ///< first, so that keys sort by age
  std::string sender, file;

  auto operator<=>(const transfer_key&) const = default;
};

/// `offer`: one whose signature was checked.
transfer_key key_of(const transfer_offer& offer);

/// The id, and a part of a hash of the key: of a file on disk, or of a row, that belongs to it alone.
std::string storage_name(const transfer_key& key);

} // namespace hublink
