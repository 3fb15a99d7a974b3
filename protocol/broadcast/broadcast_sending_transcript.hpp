#pragma once
/// A broadcast's sender in the exchange of records: who must have signed what, and in answer to what. Knows
/// no steps. Every `read_…` takes a record's body and fails if it must not be believed.
#include "protocol/broadcast/broadcast_ends.hpp"
#include "protocol/transfer/outgoing_stream.hpp"

#include <set>

namespace hublink {

class broadcast_sending_transcript {
 public:
  explicit broadcast_sending_transcript(broadcast_sending_config config);

  /// Whose certificate does not count, by CA, time or list: nothing is sealed for them from now on.
  std::vector<receiver_result> leave_out_distrusted();
  /// Of a file of that size. Fails if a recipient has no certificate, or that of somebody else.
  outcome<bytes> make_offer(std::uint64_t size);
  /// Also: from now on chunks are of the size that the spool has.
  outcome<spool_ready_record> read_spool_ready(byte_view body);
  /// Segment and header; `stream` is ready for the metadata. `prefix`: of what lies before `first`.
  struct opening {
    bytes records;
    outgoing_stream stream;
  };
  outcome<opening> open_stream(std::uint64_t size, std::uint64_t first, file_digest prefix);
  /// The next ones, a batch at a time; empty once all are made.
  outcome<bytes> make_envelopes();
  bytes make_end(std::uint64_t size, const std::string& digest) const;
  bytes make_abort(const failure& why) const;

  /// What a branch says of its receiver; `sent`: what a receipt must be for. Fails if that can't be true.
  outcome<receiver_result> read_branch(byte_view body, const std::optional<checkpoint>& sent) const;
  /// By a broadcast point.
  struct refusal {
    std::string hub;
    reason_record reason;
  };
  outcome<refusal> read_refusal(byte_view body) const;

  void set_generation(std::uint32_t generation) { config_.sending.offer.generation = generation; }
  const broadcast_sending_config& config() const { return config_; }
  std::uint32_t chunk_size() const { return config_.sending.chunk_size; }

 private:
  outcome<statement> read_answer(record_type type, const branch_record& record, byte_view body) const;
  outcome<> read_receipt(const branch_record& record, const checkpoint& sent) const;
  outcome<> check_certificates() const;

  broadcast_sending_config config_;
  statement_hash offer_hash_{}, header_hash_{};
  header_record header_;
  std::set<std::string> left_out_;
  content_key key_{};
  std::map<std::string, bytes>::const_iterator next_envelope_;
};

} // namespace hublink
