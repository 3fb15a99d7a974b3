#pragma once
/// What the records of a broadcast say, besides those of every transfer. As in transfer_records.hpp:
/// `decode_…` checks everything and fails with `bad_message`; nothing throws. docs/protocol/broadcasts.md,
/// "Broadcasts".
#include "protocol/transfer/transfer_records.hpp"

namespace hublink {

/// A broadcast point's answer to an offer.
struct spool_ready_record {
  std::uint64_t chunks = 0;     ///< of content, from the first on, that it holds of this generation
  std::uint32_t chunk_size = 0; ///< of these, bytes; 0 if there are none
  bool complete = false;        ///< it has all, the end record too
};
/// What a broadcast point passes on of one branch: a record of the receiver, untouched, or its own statement
/// that the receiver could not be had. Unsigned: what is in it is signed, or believed for what it costs.
struct branch_record {
  std::string name;
  std::optional<record_type> type{}; ///< receipt or refusal; absent: `why` counts
  bytes body{};
  failure why{};
  bytes job{}; ///< of a job_result, behind the receipt of a receiver that announced one
};

/// In a sender's last sign of life, before it closes: the rest is how many receivers it has heard the point's
/// last word of, in this attempt. Words of others may still be on their way to it.
inline constexpr std::uint64_t heard_mark = 1ULL << 63;

bytes encode(const spool_ready_record& record);
bytes encode(const branch_record& record);

outcome<spool_ready_record> decode_spool_ready(byte_view body);
outcome<branch_record> decode_branch(byte_view body);

/// Content of that chunk of a file, bytes; `index` from 1 to `chunk_count`.
std::uint64_t chunk_length(std::uint64_t index, std::uint64_t size, std::uint32_t chunk_size);

} // namespace hublink
