#pragma once
/// The part of a broadcast point in the exchange with the sender: who must have signed what. Knows no steps.
/// Every `read_…` takes a record's body and fails if it must not be believed.
#include "protocol/broadcast/broadcast_ends.hpp"

namespace hublink {

class spooling_transcript {
 public:
  explicit spooling_transcript(const spooling_end_config& config) : config_(config) {}

  outcome<transfer_offer> read_offer(byte_view body);
  /// `next`: the chunk that the spool lacks.
  outcome<> read_segment(byte_view body, std::uint64_t next);
  outcome<> read_header(byte_view body, const spool::holding& held);
  outcome<> read_batch(byte_view body);
  /// Chunk 0. The segment is whole then.
  spool::segment_ptr take_metadata(byte_view body);
  outcome<> read_end(byte_view body) const;
  outcome<reason_record> read_abort(byte_view body) const;

  bytes make_spool_ready(const spool::holding& held) const;
  /// `chunk`: that is bad as it comes; 0: none.
  bytes make_refusal(const failure& why, std::uint64_t chunk = 0) const;

  const transfer_offer& offer() const { return offer_; }
  const header_record& header() const { return header_; }
  /// Chunks of content of the whole file.
  std::uint64_t chunks() const { return chunk_count(offer_.size, header_.chunk_size); }
  bool has_envelopes() const { return !part_.envelopes.empty(); }

 private:
  outcome<statement> read_signed(record_type type, const statement_hash& answered, byte_view body) const;

  const spooling_end_config& config_;
  transfer_offer offer_;
  header_record header_;
  spool::segment part_;       ///< in the making
  std::size_t envelopes_ = 0; ///< that came for it
  statement_hash offer_hash_{}, header_hash_{};
  bytes sender_certificate_;
};

} // namespace hublink
