#pragma once
/// What an end of a circuit wants done with a file, one step at a time. A step that goes wrong is reported by
/// `circuit_end::step_failed`.
#include "protocol/base/bytes.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace hublink {

/// What is known of a source file. Equal: it has the same content, as far as one can tell without reading it.
/// Links, owners, rights and extended attributes change without it, and a remount gives other numbers.
struct file_facts {
  std::uint64_t size = 0; ///< bytes
  std::int64_t modified_ns = 0;
  std::uint32_t mode = 0644;

  bool operator==(const file_facts& other) const {
    return size == other.size && modified_ns == other.modified_ns;
  }
};

/// How much of a file is safe at its receiver, and what it is: the digest of its first `bytes` bytes.
struct checkpoint {
  std::uint64_t bytes = 0; ///< 0: nothing
  std::string digest;

  bool operator==(const checkpoint&) const = default;
};

/// A part of the file.
struct file_range {
  std::uint64_t offset = 0;
  std::size_t count = 0;
};

struct open_file {}; ///< sender: then `opened(facts)`
/// Broadcast point: that part of the file into the circuit, unseen; then `completed`.
struct send_from_file {
  std::uint64_t offset;
  std::size_t count;
};
/// All of it, then `completed`.
struct read_file {
  std::uint64_t offset;
  std::span<std::byte> into;
};
struct recheck_file {}; ///< sender: then `opened(facts)` again
/// Receiver: the partial file of an earlier attempt, to be read from its beginning. Broadcast point: the
/// spool of that `storage_name`.
struct reopen_file {
  transfer_id transfer;
  std::uint32_t generation;
};
/// Receiver: makes a partial file, or goes on with the one that was reopened. Broadcast point: the spool of
/// that `storage_name`.
struct create_file {
  transfer_id transfer;
  std::uint32_t generation;
  std::uint64_t size;
  std::uint32_t mode;
  std::uint64_t keep = 0; ///< bytes of the reopened one that stay; the rest is cut off. 0: a new file
  std::string from{};     ///< whose it is, where what somebody may keep is bounded
};
struct write_file {
  std::uint64_t offset;
  byte_view data;
};
struct sync_file {};
/// Begins to make durable what was written so far. `completed` at once; then, at any later time, `flushed`.
struct flush_file {};
/// Rename into place, sync the directory. Fails with `unconfirmed` if it may have happened and not be
/// durable.
struct publish_file {};
/// Receiver: what an earlier attempt was about to rename is in place, or the rename is made good. Fails with
/// `unconfirmed` if that can't be told, with `cut` if what it left is not `content`.
struct settle_file {
  transfer_id transfer;
  std::uint32_t generation = 1;
  checkpoint content;
};
struct keep_file {}; ///< closes the partial file, which a later attempt may go on with
/// Removes the partial file; of an attempt that has opened none, those of all generations up to its own.
struct discard_file {
  transfer_id transfer;
  std::uint32_t generation;
};

} // namespace hublink
