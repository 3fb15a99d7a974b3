#pragma once
/// Records: how the bytes of a circuit are cut. 32-bit big-endian length of the body, type, body.
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"

#include <array>
#include <functional>
#include <span>

namespace hublink {

enum class record_type : std::uint8_t {
  // by the sender of a file
  offer = 0x01,
  header = 0x02,
  envelopes = 0x03,
  chunk = 0x04,
  end = 0x05,
  abort = 0x06,
  // by whoever feeds a broadcast on
  batch = 0x07, ///< envelopes, to a broadcast point
  segment = 0x08,
  // by its receiver
  ready = 0x11,
  progress = 0x12,
  receipt = 0x13,
  refusal = 0x14,
  job_result = 0x15,
  // of a request connection
  request = 0x21, ///< by the requester
  answer = 0x22,  ///< by the source
  // by a broadcast point
  spool_ready = 0x16,
  branch = 0x17,
  // of management
  definition = 0x31, ///< by a manager
  word = 0x32,       ///< by a manager: what is newest
  known = 0x33,      ///< by a node, for itself: what it has had
  status = 0x34,     ///< by a node
  // of a line that is loaded
  load_begin = 0x41,
  load = 0x42,
  load_end = 0x43,
  load_result = 0x44, ///< by who took the load
};
std::string_view to_string(record_type type);

inline constexpr std::size_t record_head = 5;           ///< bytes before the body
inline constexpr std::size_t tag_size = 16;             ///< behind the content of a chunk
inline constexpr std::uint32_t max_chunk = 1024 * 1024; ///< content of one chunk
inline constexpr std::uint32_t max_metadata = 4 * 1024; ///< content of chunk 0
inline constexpr std::uint32_t max_batch = 64 * 1024;   ///< of envelopes, compressed or not

/// The longest body of that type; 0 for unknown types.
std::uint32_t max_body(record_type type);
void put_record_head(std::byte* at, record_type type, std::size_t body_size);
bytes make_record(record_type type, byte_view body);

/// Cuts incoming bytes into records, one at a time.
class record_reader {
 public:
  /// Says where a record's body goes, or why there must be no such record now. Asked once the head is known
  /// and within `max_body`. What a span is too short for goes elsewhere, unseen.
  using placing = std::function<outcome<std::span<std::byte>>(record_type type, std::uint32_t size)>;
  explicit record_reader(placing place) : place_(std::move(place)) {}

  /// Where the next bytes go: never beyond this record. Empty before it is complete: they go `elsewhere`.
  std::span<std::byte> room();
  /// So many bytes of the body are missing that go elsewhere; 0 while there is room for the next ones.
  std::size_t elsewhere() const;
  /// The first `count` bytes of `room()` were filled, or so many went elsewhere. True once the record is
  /// complete; `next` starts another.
  outcome<bool> filled(std::size_t count);
  record_type type() const { return static_cast<record_type>(head_[4]); }
  byte_view body() const { return body_; }
  void next();

 private:
  placing place_;
  std::array<std::byte, record_head> head_{};
  std::span<std::byte> body_;
  std::size_t size_ = 0;   ///< of the record, once its head is known
  std::size_t filled_ = 0; ///< of head and body
};

} // namespace hublink
