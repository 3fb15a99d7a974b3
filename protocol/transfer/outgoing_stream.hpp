#pragma once
/// A sealed stream as its sender makes it: one buffer, into which a chunk is read, sealed where it lies, and
/// sent from.
#include "protocol/transfer/digest.hpp"
#include "protocol/transfer/sealed_stream.hpp"
#include "protocol/transfer/transfer_records.hpp"

namespace hublink {

class outgoing_stream {
 public:
  /// `prefix`: the digest of what lies before the header's start chunk.
  outgoing_stream(const header_record& header, const content_key& key, std::uint64_t size,
                  file_digest prefix);

  /// The record of chunk 0.
  outcome<bytes> seal_metadata(const std::string& name, std::uint32_t mode);
  /// Where the next chunk's content goes; empty for an empty file. Memory is taken at the first one.
  std::span<std::byte> room();
  /// Seals what `room()` was filled with: the whole record, in place.
  outcome<byte_view> seal_chunk();
  /// On to the chunk behind the one that was sealed.
  void advance();

  bool at_last() const { return index_ == chunks_; }
  bool complete() const { return index_ > chunks_; }
  std::uint64_t passed() const { return passed_; } ///< bytes of content before the next chunk
  std::string digest() const { return digest_.text(); }

 private:
  std::size_t length() const;

  std::uint32_t chunk_size_;
  stream_cipher cipher_;
  file_digest digest_;
  chunk_buffer buffer_;
  std::uint64_t first_, index_, chunks_; ///< of this attempt; next; last
  std::uint64_t size_, passed_;
};

} // namespace hublink
