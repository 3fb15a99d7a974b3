#pragma once
/// What the two records of a request connection say. Bounds as in transfer_records.hpp; nothing throws.
#include "protocol/transfer/transfer_records.hpp"

#include <optional>

namespace hublink {

/// A receiver asks the source to send.
struct request_record {
  transfer_id request; ///< of the request itself; repeating it starts nothing twice
  std::string requester;
  std::int64_t time_ms = 0; ///< requester's clock, ms since 1970
  bool resend = false;      ///< go on with the last transfer, or send once more
  statement_hash file_tag{};
  bool results = false; ///< by a broadcast point: it has results of that transfer's receivers
};

/// How the source serves it.
struct request_answer {
  transfer_id transfer;
  std::string state; ///< of the transfer, as the source knows it
  std::uint64_t bytes = 0, size = 0;
  std::optional<failure> reason; ///< why it ended, or waits

  bool operator==(const request_answer&) const = default;
};

bytes encode(const request_record& record);
bytes encode(const request_answer& answer);
outcome<request_record> decode_request(byte_view body);
outcome<request_answer> decode_request_answer(byte_view body);

} // namespace hublink
