#include "protocol/transfer/outgoing_stream.hpp"

#include "protocol/circuit/record_frame.hpp"

#include <algorithm>

namespace hublink {

outgoing_stream::outgoing_stream(const header_record& header, const content_key& key, std::uint64_t size,
                                 file_digest prefix)
    : chunk_size_(header.chunk_size),
      cipher_(stream_cipher::direction::seal, key, {header.transfer, header.generation, header.attempt}),
      digest_(std::move(prefix)), first_(header.start_chunk), index_(header.start_chunk),
      chunks_(chunk_count(size, header.chunk_size)), size_(size), passed_(bytes_before(header)) {}

outcome<bytes> outgoing_stream::seal_metadata(const std::string& name, std::uint32_t mode) {
  auto content = encode(metadata_record{name, size_, mode});
  bytes sealed(content.size() + tag_size);
  std::ranges::copy(content, sealed.begin());
  auto all = std::span{sealed};
  if (!cipher_.seal(0, false, all.first(content.size()), all.last<tag_size>()))
    return {errc::failed, "the metadata can't be sealed"};
  return make_record(record_type::chunk, sealed);
}

std::size_t outgoing_stream::length() const { return std::min<std::uint64_t>(chunk_size_, size_ - passed_); }

std::span<std::byte> outgoing_stream::room() {
  if (index_ == first_) buffer_.reserve(length()); // no later one is longer
  return buffer_.content(length());
}

outcome<byte_view> outgoing_stream::seal_chunk() {
  auto content = buffer_.content(length());
  digest_.add(content);
  if (!cipher_.seal(index_, at_last(), content, buffer_.tag(content.size())))
    return {errc::failed, "chunk " + std::to_string(index_) + " can't be sealed"};
  auto record = buffer_.record(record_head, content.size());
  put_record_head(record.data(), record_type::chunk, content.size() + tag_size);
  return byte_view{record};
}

void outgoing_stream::advance() {
  passed_ += length();
  ++index_;
}

} // namespace hublink
