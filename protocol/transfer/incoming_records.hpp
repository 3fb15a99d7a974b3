#pragma once
/// The records of a file's sender as its receiver takes them: which may come next, where its bytes go, and
/// what it says once it is believed. Owns the stream, and knows nothing of files, steps and owners.
#include "protocol/transfer/incoming_stream.hpp"
#include "protocol/transfer/receiving_transcript.hpp"

#include <optional>
#include <variant>

namespace hublink {

/// What a record brought.
namespace incoming {

struct nothing {}; ///< that calls for a step: the next one is waited for
struct offer {};   ///< the transcript has it
/// The file is about to come, from `transcript.start()` on.
struct file {
  std::uint64_t size;
  std::uint32_t mode;
};
/// Of a broadcast: the stream goes on behind what came.
struct further_segment {};
struct content {
  std::uint64_t offset;
  byte_view data; ///< may be empty; then `incoming_records::advance`
};
/// What came is what the sender signed.
struct end {
  std::string digest;
};
struct abort {
  failure why;
};

} // namespace incoming
using incoming_news =
    std::variant<incoming::nothing, incoming::offer, incoming::file, incoming::further_segment,
                 incoming::content, incoming::end, incoming::abort>;

class incoming_records {
 public:
  explicit incoming_records(receiving_transcript& transcript) : transcript_(transcript) {}

  /// As `record_reader` asks. Spans are valid until the record is taken.
  outcome<std::span<std::byte>> place(record_type type, std::uint32_t size);
  /// A whole record, where `place` said.
  outcome<incoming_news> take(record_type type, byte_view body);

  /// Of an earlier attempt's part of the file: what the stream goes on behind, if the sender agrees.
  void go_on_behind(file_digest digest) { before_ = std::move(digest); }
  /// The content that came last is where it belongs.
  void advance();
  /// Content comes next, nothing else.
  bool expects_content() const { return next_ == expected::content; }
  bool is_complete() const { return stream_ && stream_->complete(); }
  std::uint64_t passed() const { return stream_->passed(); } ///< bytes of content that are where they belong
  checkpoint so_far() const { return {stream_->passed(), stream_->digest()}; }
  /// Of a broadcast: the chunk that did not open, or that stands behind what did not. 0: none.
  std::uint64_t bad_chunk() const { return bad_chunk_; }

 private:
  /// In this order.
  enum class expected : std::uint8_t { offer, segment, header, envelopes, metadata, content, end };

  bool is_broadcast() const { return transcript_.offer().broadcast; }
  bool may_come(record_type type) const;
  void expect_content() { next_ = stream_->complete() ? expected::end : expected::content; }
  file_digest digest_so_far();
  outcome<incoming_news> take_expected(byte_view body);
  outcome<incoming_news> take_offer(byte_view body);
  outcome<incoming_news> take_segment(byte_view body);
  outcome<incoming_news> take_header(byte_view body);
  outcome<incoming_news> take_envelopes(byte_view body);
  outcome<incoming_news> take_metadata();
  outcome<incoming_news> take_chunk();
  outcome<incoming_news> take_end(byte_view body);
  outcome<incoming_news> take_abort(byte_view body);
  failure unopened(const failure& why, std::uint64_t chunk);

  receiving_transcript& transcript_;
  expected next_ = expected::offer;
  std::optional<file_digest> before_;
  std::optional<incoming_stream> stream_;
  bytes small_body_;           ///< of all but chunks of content
  bool file_is_known_ = false; ///< of a broadcast: a further segment has the same
  std::uint64_t bad_chunk_ = 0;
};

} // namespace hublink
