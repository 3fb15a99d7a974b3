#pragma once
/// What a transfer of somebody else's is known by. Its id is no proof: it travels in the clear, and whoever
/// receives the same file knows it. So all that is kept, looked up or ended for a peer goes by its name too,
/// as the certificate of who signed says.
#include "protocol/circuit/owner_questions.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace hublink {

struct transfer_key {
  transfer_id transfer; ///< first, so that keys sort by age
  std::string sender, file;
  std::uint32_t part =
      0; ///< of a broadcast point that serves some receivers over another circuit than others

  auto operator<=>(const transfer_key&) const = default;
};

/// `offer`: one whose signature was checked.
transfer_key key_of(const transfer_offer& offer);

/// The id, a part of a hash of sender and file, and the part: of a file on disk, or of a row, that belongs to
/// it alone.
std::string storage_name(const transfer_key& key);
/// The part that such a name says.
std::uint32_t part_of(std::string_view storage_name);

} // namespace hublink
