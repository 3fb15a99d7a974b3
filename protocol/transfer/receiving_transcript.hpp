#pragma once
/// The receiver's part in the exchange of records: who must have signed what, and in answer to what. Knows no
/// steps. Every `read_…` takes a record's body and fails if it must not be believed.
#include "protocol/transfer/incoming_stream.hpp"
#include "protocol/transfer/receipt.hpp"
#include "protocol/transfer/transfer_ends.hpp"

namespace hublink {

class receiving_transcript {
 public:
  explicit receiving_transcript(receiving_end_config config) : config_(std::move(config)) {}

  outcome<transfer_offer> read_offer(byte_view body);
  outcome<> read_header(byte_view body);
  /// `digest`: of all that lies before `start()`.
  outcome<incoming_stream> read_envelopes(byte_view body, file_digest digest);
  /// Of a broadcast: before each header.
  outcome<> read_segment(byte_view body);
  /// Fails unless it says what was found.
  outcome<> read_end(byte_view body, std::uint64_t size, const std::string& digest);
  outcome<reason_record> read_abort(byte_view body);
  /// Does the sender's certificate still count? `cut`: the next attempt says how it stands.
  outcome<> still_trusted() const;

  // Whole records, ready to be sent; but of the receipt the body alone, which the journal keeps.
  outcome<bytes> make_ready(bytes stored_receipt, checkpoint safe, bool job_follows);
  bytes make_receipt(std::uint64_t size, const std::string& digest) const;
  bytes make_refusal(const failure& why, std::uint64_t bad_chunk = 0) const;
  bytes make_job_result(const job_result& what) const;

  const transfer_offer& offer() const { return offer_; }
  const checkpoint_interval& interval() const { return config_.interval; }
  trust::clock_time now() const { return config_.now(); }
  /// Bytes of the earlier attempt that the sender goes on from.
  std::uint64_t start() const {
    return offer_.broadcast ? (first_ - 1) * header_.chunk_size : bytes_before(header_);
  }
  digest_kind digest() const { return header_.digest; }
  std::uint64_t first_chunk() const { return first_; } ///< of the segment that comes
  /// Further chunks of a broadcast follow, from that one on.
  void go_on_from(std::uint64_t chunk) { next_ = chunk; }
  const std::string& sender() const { return config_.sender; }

 private:
  outcome<> check(const offer_record& record) const;
  outcome<> by_sender(const statement& said) const;
  outcome<> check_segment(const header_record& record) const;
  outcome<content_key> own_key(byte_view envelopes) const;

  receiving_end_config config_;
  transfer_offer offer_;
  header_record header_;
  checkpoint safe_;                   ///< as READY said
  std::uint64_t first_ = 1;           ///< chunk of the segment that comes
  std::optional<std::uint64_t> next_; ///< chunk that a further segment must begin with
  statement_hash offer_hash_{}, ready_hash_{}, header_hash_{};
  bytes sender_certificate_;
};

} // namespace hublink
