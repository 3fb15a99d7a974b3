// Every decoder of a record takes any bytes; what it accepts must say the same again.
#include "check_round.hpp"
#include "protocol/broadcast/broadcast_records.hpp"
#include "protocol/circuit/record_end.hpp"
#include "protocol/transfer/receipt.hpp"
#include "protocol/transfer/transfer_records.hpp"

using namespace hublink;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = std::as_bytes(std::span(data, size));
  check_round(input, decode_offer);
  check_round(input, decode_ready);
  check_round(input, decode_header);
  check_round(input, decode_envelopes);
  check_round(input, decode_metadata);
  check_round(input, [](byte_view body) { return decode_end(body, digest_kind::xxh128); });
  check_round(input, decode_reason);
  check_round(input, decode_progress);
  check_round(input, decode_segment);
  check_round(input, decode_spool_ready);
  check_round(input, decode_branch);
  check_round(input,
              [](byte_view body) { return read_statement(record_type::ready, answers_nothing, body); });
  static_cast<void>(read_receipt(input));
  return 0;
}
