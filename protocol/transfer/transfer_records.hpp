#pragma once
/// What the records of a transfer say. `encode` gives the CBOR map, `decode_…` checks types, ranges and
/// bounds of everything and fails with `bad_message`; nothing throws. docs/protocol/stream.md, "Records".
#include "protocol/circuit/owner_questions.hpp"
#include "protocol/circuit/statement.hpp"
#include "protocol/transfer/digest.hpp"
#include "protocol/transfer/sealed_stream.hpp"

#include <map>
#include <optional>

namespace hublink {

inline constexpr std::uint16_t stream_version = 1;
/// No file is larger: keeps offsets in range of off_t.
inline constexpr std::uint64_t max_file_size = std::uint64_t(1) << 62;

using record_nonce = std::array<std::byte, 32>;
/// Nothing if there are no random numbers to be had.
std::optional<record_nonce> make_random();

struct offer_record {
  transfer_offer offer;
  record_nonce nonce{};
  statement_hash file_tag{}; ///< instead of the file ID, see `tag_of_file`
};
struct ready_record {
  std::string receiver;
  record_nonce nonce{};
  checkpoint safe;          ///< of this generation, from an earlier attempt
  bytes receipt;            ///< of this very transfer, which is done; else empty
  bool job_follows = false; ///< the result of a job comes after the receipt
  bool takes_signs = false; ///< of life, between any two records of the sender
};
/// The only suite: AES-256-GCM STREAM, content key in HPKE envelopes.
inline constexpr std::string_view stream_suite = "hpke-p256-aes-256-gcm-stream";
struct header_record {
  transfer_id transfer;
  std::uint32_t attempt = 1, generation = 1;
  std::uint32_t chunk_size = default_chunk; ///< 1 byte to `max_chunk`
  std::uint64_t start_chunk = 1;            ///< index of the first chunk of content
  digest_kind digest = digest_kind::xxh128;
  statement_hash envelopes{}; ///< SHA-256 of the record's body
  bool broadcast = false;     ///< answers nothing, and has a commitment in place of the envelopes' hash
  statement_hash commitment{};
};
/// Bytes of content before the start chunk.
inline std::uint64_t bytes_before(const header_record& header) {
  return (header.start_chunk - 1) * header.chunk_size;
}
/// Chunks of content of a file: one at least, since the last one carries the flag.
inline std::uint64_t chunk_count(std::uint64_t size, std::uint32_t chunk_size) {
  return size == 0 ? 1 : (size - 1) / chunk_size + 1;
}
/// Envelopes by recipient. Not signed: the header has their hash, or is committed to the key in them.
struct envelopes_record {
  std::map<std::string, bytes> by_name;
};
/// Sealed in chunk 0.
struct metadata_record {
  std::string name; ///< any bytes but NUL and `/`; may be empty
  std::uint64_t size = 0;
  std::uint32_t mode = 0644; ///< permission bits
};
struct end_record {
  std::uint64_t size = 0;
  std::string digest;
};
/// Abort and refusal. The hop is who signs.
struct reason_record {
  errc code = errc::failed;
  std::string text;
  std::uint64_t chunk = 0; ///< a broadcast's receiver: that did not open, or before which; 0: none
};
/// Of a broadcast, unsigned, before a header: the index of the first chunk of content that comes. A wrong one
/// opens nothing.
struct segment_record {
  std::uint64_t first_chunk = 1;
};
/// The file ID as an offer carries it: SHA-256 over `hublink file`, the circuit's open id and the file ID,
/// each with its length (32 bits) before it. The open id travels on links alone, so that who listens between
/// two data ports can't tell the file, nor guess it.
statement_hash tag_of_file(std::string_view open_id, std::string_view file);

/// SHA-256 over `hublink key`, the header's transfer, its generation and attempt (32 bits each), and the key,
/// each of these four with its length as above. It tells nothing of a key that is random.
statement_hash commitment_to(const content_key& key, const header_record& header);

/// What an envelope is sealed with, so that it opens nowhere else: SHA-256 over `hublink envelope`, the
/// network's mark, the header's transfer, generation and attempt as above, sender and receiver, each of these
/// six with its length as above.
statement_hash envelope_info(const network_mark& network, const header_record& header,
                             std::string_view sender, std::string_view receiver);

bytes encode(const offer_record& record);
bytes encode(const ready_record& record);
bytes encode(const header_record& record);
bytes encode(const envelopes_record& record);
bytes encode(const metadata_record& record);
bytes encode(const end_record& record);
bytes encode(const reason_record& record);
bytes encode(const segment_record& record);
bytes encode(const job_result& result);

outcome<offer_record> decode_offer(byte_view body);
outcome<ready_record> decode_ready(byte_view body);
outcome<header_record> decode_header(byte_view body);
outcome<envelopes_record> decode_envelopes(byte_view body);
outcome<metadata_record> decode_metadata(byte_view body);
outcome<end_record> decode_end(byte_view body, digest_kind expected);
outcome<reason_record> decode_reason(byte_view body);
outcome<segment_record> decode_segment(byte_view body);
outcome<job_result> decode_job_result(byte_view body);

} // namespace hublink
