#pragma once
/// The sender's part in the exchange of records: who must have signed what, and in answer to what. Knows no
/// steps. Every `read_…` takes a record's body and fails if it must not be believed.
#include "protocol/transfer/outgoing_stream.hpp"
#include "protocol/transfer/receipt.hpp"
#include "protocol/transfer/transfer_ends.hpp"

namespace hublink {

class sending_transcript {
 public:
  explicit sending_transcript(sending_end_config config);

  /// Fails if it would not fit a record.
  outcome<bytes> make_offer();
  outcome<ready_record> read_ready(byte_view body);
  /// Of a READY: fails unless it is for this very transfer.
  outcome<receipt> read_stored_receipt(byte_view body) const;
  /// Can the stream start behind what is safe? The prefix must still be compared.
  bool can_resume(const checkpoint& safe, std::uint64_t size) const;
  /// Does the receiver's certificate still count? `cut`: the next attempt says how it stands.
  outcome<> still_trusted() const;
  /// Header, envelopes and metadata, which go out together; `stream` is ready for the first chunk. It starts
  /// behind the first `start` bytes, a multiple of the chunk size, whose digest is `prefix`.
  struct opening {
    bytes records;
    outgoing_stream stream;
  };
  outcome<opening> open_stream(const file_facts& facts, std::uint64_t start, file_digest prefix);
  bytes make_end(std::uint64_t size, const std::string& digest) const;
  /// Fails unless it is for this attempt and says what was sent.
  outcome<> read_receipt(byte_view body, std::uint64_t size, const std::string& digest) const;
  outcome<reason_record> read_refusal(byte_view body) const;
  outcome<job_result> read_job_result(byte_view body) const;
  bytes make_abort(const failure& why) const;

  void set_generation(std::uint32_t generation) { config_.offer.generation = generation; }
  bool cancels() const { return config_.offer.cancel; }
  digest_kind digest() const { return config_.digest; }
  const std::string& recipient() const { return config_.offer.recipients.front(); }

 private:
  /// The recipient's own word in answer to this offer.
  outcome<statement> read_answer(record_type type, byte_view body) const;
  outcome<bytes> make_envelopes(const content_key& key, const header_record& header) const;
  /// But for the envelopes' hash.
  header_record make_header(std::uint64_t start) const;

  sending_end_config config_;
  statement_hash offer_hash_{}, ready_hash_{}, header_hash_{};
  bytes recipient_certificate_;
};

} // namespace hublink
