#pragma once
/// A manager's word on what is newest, docs/protocol/definitions.md, "Definitions": who hands a definition on
/// hands it on too, so that nobody is given an older one for the newest.
#include "protocol/trust/credentials.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace hublink {

struct manager_word {
  std::string network;
  std::uint64_t version = 0; ///< of the definitions that were applied last
  std::int64_t list = 0;     ///< number of the list of revoked certificates
  std::int64_t time_ms = 0;  ///< since 1970: when it was said

  bool operator==(const manager_word&) const = default;
};

/// What counts of two words: the one that knows more; of two that know the same, the later one.
bool is_newer(const manager_word& one, const manager_word& other);

bytes sign_word(const manager_word& word, const identity& manager);
/// Fails with `bad_message`, `tampered`, or `not_authorised` unless a manager said it whose certificate
/// counts, and no more than a day ahead of `now`, in its time and its version.
outcome<manager_word> verify_word(byte_view from, const trust& ca, trust::clock_time now);
/// The same for one that was verified earlier, whatever the time; but not of one who was revoked since.
outcome<manager_word> verify_kept_word(byte_view from, const trust& ca);

/// Whoever has no definition yet believes a word for so long.
inline constexpr std::chrono::hours longest_word{24};

/// What a node knows when a definition comes.
struct definition_facts {
  std::uint64_t in_force = 0;         ///< its version; 0: none was taken
  std::uint64_t had = 0;              ///< the highest that this node ever took
  std::int64_t list = 0;              ///< number of its list of revoked certificates
  std::optional<manager_word> word{}; ///< the newest
};
/// May a definition of that version be taken? Fails with `superseded` if a newer one was there or is proved
/// to be, or a newer list is; with `not_authorised` where nothing tells a first one from an old one.
outcome<> is_new_enough(std::uint64_t version, const definition_facts& known, trust::clock_time now);

} // namespace hublink
