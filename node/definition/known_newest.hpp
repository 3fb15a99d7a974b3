#pragma once
/// The newest that a node has had, or that a manager has told it of: nothing older is taken, whoever hands it
/// over, and whoever puts it back on disk. In `DIR/known.signed`, which the node signs itself. Thread-safe.
#include "protocol/definition/manager_word.hpp"
#include "protocol/trust/live_identity.hpp"

#include <filesystem>
#include <functional>
#include <mutex>

namespace hublink {

class known_newest {
 public:
  using clock = std::function<trust::clock_time()>;

  known_newest(const std::filesystem::path& data, live_identity self, std::shared_ptr<const trust> ca,
               clock wall_clock);

  /// Reads what was noted. Fails with `bad_config` where somebody else made it, or where it knows a newer
  /// list of revoked certificates than `ca` has.
  outcome<> open();

  /// The highest version of a definition that was ever taken; 0: none.
  std::uint64_t version() const;
  /// Was that the definition which was taken last, to the byte?
  bool has_taken(byte_view definition) const;
  std::optional<manager_word> word() const;
  bytes word_as_signed() const; ///< empty: none

  /// A manager's word for `network` (empty: any), kept if it is newer. Fails as `verify_word`.
  outcome<> hear(byte_view word, const std::string& network);
  /// Fails as `is_new_enough`.
  outcome<> admits(std::uint64_t version, std::uint64_t in_force) const;
  /// That definition was taken, and is stored. A failure is logged.
  void note_taken(std::uint64_t version, byte_view definition);
  /// The list of that number is stored. A failure is logged.
  void note_list(std::int64_t number);

 private:
  void write() const;

  std::filesystem::path file_;
  live_identity self_;
  std::shared_ptr<const trust> ca_;
  clock wall_clock_;
  std::mutex hearing_; ///< one word after the other
  mutable std::mutex lock_;
  std::uint64_t version_ = 0;
  bytes digest_; ///< SHA-256 of that definition
  std::int64_t list_ = 0;
  bytes word_;
};

} // namespace hublink
