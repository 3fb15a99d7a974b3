#pragma once
/// Which blocks of a segment of events tell of a transfer. A file `SEGMENT.index` beside the segment: a head,
/// then a record a block, as blocks are finished. Nothing in it has to be believed: what a block says is
/// looked at, and what the index does not cover is read whole.
#include "protocol/base/bytes.hpp"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hublink {

/// Part of a segment: whole lines. In a compressed one a block is a gzip member.
struct event_block {
  std::uint64_t offset = 0;
  std::uint32_t length = 0; ///< bytes, as they lie there
};

/// What can be said without looking at the blocks.
struct index_head {
  /// Of the ids that are there: their own times.
  std::uint64_t first_id_ms = std::numeric_limits<std::uint64_t>::max(), last_id_ms = 0;
  std::int64_t written_ms = 0; ///< steady time of the last line

  void note(std::uint64_t id_ms);
  bool may_have(std::uint64_t id_ms) const { return first_id_ms <= id_ms && id_ms <= last_id_ms; }
};
constexpr std::size_t index_head_size = 32;

/// The time that an id begins with; 0: none.
std::uint64_t time_of_id(std::string_view transfer);
/// The id of the transfer that a line is about; empty: none.
std::string_view transfer_in(std::string_view line);

/// The transfers of a block that is being filled.
class block_ids {
 public:
  void note(std::string_view transfer);
  void clear() { marks_.clear(); }
  /// A block's record.
  std::string record(const event_block& of);

 private:
  std::vector<std::uint32_t> marks_;
};

std::string encode(const index_head& head);

/// An index as it was read.
class segment_index {
 public:
  /// Nothing if there is none that can be read.
  static std::optional<segment_index> read(const std::filesystem::path& file);
  /// The same of the head alone.
  static std::optional<index_head> read_head(const std::filesystem::path& file);

  const index_head& head() const { return head_; }
  std::uint64_t covered() const { return covered_; } ///< of the segment, from its begin
  std::uint64_t size() const { return size_; }       ///< of the index's file, as far as it is whole
  /// In their order.
  std::vector<event_block> blocks_of(std::string_view transfer) const;

 private:
  index_head head_;
  std::string records_;
  std::uint64_t covered_ = 0, size_ = 0;
};

/// `DAY.jsonl.index`
std::filesystem::path index_of(const std::filesystem::path& segment);

} // namespace hublink
