#include "protocol/transfer/incoming_stream.hpp"

#include <algorithm>

namespace hublink {

incoming_stream::incoming_stream(const header_record& header, const content_key& key, file_digest prefix)
    : chunk_size_(header.chunk_size),
      cipher_(stream_cipher::direction::open, key, {header.transfer, header.generation, header.attempt}),
      digest_(std::move(prefix)), first_(header.start_chunk), passed_(bytes_before(header)) {}

incoming_stream::incoming_stream(const header_record& header, const content_key& key, file_digest prefix,
                                 std::uint64_t first)
    : incoming_stream(header, key, std::move(prefix)) {
  may_be_empty_ = true;
  first_ = first;
  passed_ = (first - 1) * header.chunk_size;
}

outcome<metadata_record> incoming_stream::open_metadata(std::span<std::byte> sealed) {
  if (sealed.size() < tag_size) return {errc::tampered, "the metadata was cut short"};
  auto content = sealed.first(sealed.size() - tag_size);
  if (!cipher_.open(0, false, content, sealed.last<tag_size>()))
    return {errc::tampered, "the metadata was altered"};
  auto found = decode_metadata(content);
  if (!found) return found;
  size_ = found->size;
  chunks_ = chunk_count(size_, chunk_size_);
  index_ = first_;
  passed_ = std::min(passed_, size_);
  if (index_ > chunks_ + may_be_empty_)
    return {errc::tampered, "the file is said to end before " + position()};
  return found;
}

std::size_t incoming_stream::length() const { return std::min<std::uint64_t>(chunk_size_, size_ - passed_); }

std::span<std::byte> incoming_stream::room() {
  if (index_ == first_) buffer_.reserve(length()); // no later one is longer
  return buffer_.sealed(length());
}

outcome<byte_view> incoming_stream::open_chunk() {
  auto content = buffer_.content(length());
  if (!cipher_.open(index_, index_ == chunks_, content, buffer_.tag(content.size())))
    return {errc::tampered, position() + " was altered"};
  return byte_view{content};
}

void incoming_stream::advance() {
  digest_.add(buffer_.content(length()));
  passed_ += length();
  ++index_;
}

std::string incoming_stream::position() const {
  return "chunk " + std::to_string(index_) + " of " + std::to_string(chunks_);
}

} // namespace hublink
