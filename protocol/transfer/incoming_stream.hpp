#pragma once
/// A sealed stream as its receiver sees it: opens the chunks in order, where they lie, and takes the digest.
#include "protocol/transfer/digest.hpp"
#include "protocol/transfer/sealed_stream.hpp"
#include "protocol/transfer/transfer_records.hpp"

namespace hublink {

class incoming_stream {
 public:
  /// `prefix`: the digest of what lies before the header's start chunk.
  incoming_stream(const header_record& header, const content_key& key, file_digest prefix);
  /// From that chunk on: a broadcast's segment may be entered in its midst, and may hold no content at all.
  incoming_stream(const header_record& header, const content_key& key, file_digest prefix,
                  std::uint64_t first);

  /// Chunk 0, in place. Fails if the file ends before the start chunk.
  outcome<metadata_record> open_metadata(std::span<std::byte> sealed);
  /// Where the next chunk of content goes, tag included: exactly its size. Memory is taken at the first one.
  std::span<std::byte> room();
  /// Opens what `room()` was filled with; `tampered` unless it is the very chunk that is next.
  outcome<byte_view> open_chunk();
  /// On to the chunk behind the one that was opened.
  void advance();

  bool complete() const { return index_ > chunks_; }
  std::uint64_t size() const { return size_; }
  std::uint64_t passed() const { return passed_; }      ///< bytes of content before the next chunk
  std::string digest() const { return digest_.text(); } ///< of those
  file_digest take_digest() { return std::move(digest_); }
  std::uint64_t next_chunk() const { return index_; }
  /// `chunk 3 of 5`
  std::string position() const;

 private:
  std::size_t length() const;

  std::uint32_t chunk_size_;
  stream_cipher cipher_;
  file_digest digest_;
  chunk_buffer buffer_;
  bool may_be_empty_ = false;
  std::uint64_t first_, index_ = 0, chunks_ = 0; ///< of this attempt; next; last
  std::uint64_t size_ = 0, passed_;
};

} // namespace hublink
