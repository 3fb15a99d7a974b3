#pragma once
/// The chunks of a sealed stream: AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár
/// 2015), sealed and opened where they lie. docs/protocol/stream.md, "The sealed stream".
#include "protocol/base/bytes.hpp"
#include "protocol/circuit/record_frame.hpp"

#include <array>
#include <memory>
#include <span>

namespace hublink {

/// Bytes of content in a chunk. 256 KiB fits the second-level cache and was the fastest measured.
inline constexpr std::uint32_t default_chunk = 256 * 1024;

/// Of one attempt; random, never stored.
using content_key = std::array<std::byte, 32>;

/// What a chunk belongs to, besides its key.
struct stream_id {
  transfer_id transfer;
  std::uint32_t generation = 1, attempt = 1;
};

/// One direction of one stream. Nothing is allocated per chunk.
class stream_cipher {
 public:
  enum class direction : bool { open, seal };
  stream_cipher(direction way, const content_key& key, const stream_id& stream);
  ~stream_cipher();
  stream_cipher(stream_cipher&&) noexcept;
  stream_cipher& operator=(stream_cipher&&) noexcept;

  /// Encrypts `data` in place and writes its tag behind. An index must never be sealed twice with one key.
  bool seal(std::uint64_t index, bool last, std::span<std::byte> data, std::span<std::byte, tag_size> tag);
  /// Decrypts in place; false: not what was sealed as this chunk, and `data` must not be used.
  bool open(std::uint64_t index, bool last, std::span<std::byte> data, std::span<std::byte, tag_size> tag);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Room for one chunk as it travels: record head, content, tag; the content starts on a cache line. Takes no
/// memory before `reserve`.
class chunk_buffer {
 public:
  /// For contents of up to `size` bytes. Invalidates all spans.
  void reserve(std::size_t size);

  std::span<std::byte> content(std::size_t size) { return {start_ + line, size}; }
  std::span<std::byte, tag_size> tag(std::size_t size) {
    return std::span<std::byte, tag_size>{start_ + line + size, tag_size};
  }
  std::span<std::byte> sealed(std::size_t size) { return {start_ + line, size + tag_size}; }
  /// With `head` bytes before the content.
  std::span<std::byte> record(std::size_t head, std::size_t size) {
    return {start_ + line - head, head + size + tag_size};
  }

 private:
  static constexpr std::size_t line = 64;
  std::unique_ptr<std::byte[]> memory_;
  std::byte* start_ = nullptr;
};

} // namespace hublink
