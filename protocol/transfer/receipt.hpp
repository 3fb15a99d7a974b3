#pragma once
/// The receiver's signed word that a file is published. Stands for itself: it can be kept, sent again and
/// checked by anybody with the network's CA.
#include "protocol/transfer/transfer_records.hpp"

namespace hublink {

struct receipt {
  transfer_id transfer;
  std::uint32_t attempt = 1, generation = 1;
  std::string sender, receiver;
  std::uint64_t size = 0;
  std::string digest;
  statement_hash header{}; ///< of the attempt that it closes
};

/// The body of the record `receipt`, as the journal keeps it.
bytes sign_receipt(const receipt& record, const identity& receiver);
/// The same word under the receiver's certificate of now, if that which it was signed with is another: one
/// counts no longer than the other. As it is where it can't be read, or was signed with that one.
bytes renewed_receipt(bytes record_body, const identity& receiver);
/// Bounds alone.
outcome<receipt> read_receipt(byte_view record_body);
/// Also its signature, and that its certificate is the receiver's, a client's.
outcome<receipt> verify_receipt(byte_view record_body, const trust& ca, trust::clock_time now);
/// Of one that was verified once: does its certificate count at `now`?
bool still_counts(byte_view record_body, const trust& ca, trust::clock_time now);

} // namespace hublink
