#pragma once
/// What a broadcast point holds of one transfer, without being able to open it: written by the end that takes
/// the stream, read by the ends that feed the branches. The chunks lie in a file, this is all else.
/// Thread-safe.
#include "protocol/broadcast_records.hpp"
#include "protocol/wake_list.hpp"

#include <mutex>

namespace hublink {

class spool {
 public:
  /// One attempt of the sender, from its first chunk to where the next segment begins.
  struct segment {
    std::uint64_t first = 1; ///< chunk of content
    // Whole records.
    bytes header, metadata;
    std::map<std::string, bytes> envelopes; ///< by recipient
  };
  using segment_ptr = std::shared_ptr<const segment>;

  /// What a feeder finds at a chunk.
  struct place {
    segment_ptr part;          ///< that the chunk belongs to; null: there is none yet
    std::uint64_t ready = 0;   ///< chunks of it that can be read, from this one on
    bool part_is_over = false; ///< what follows these belongs to the next segment
  };
  struct holding {
    std::uint64_t chunks = 0;
    std::uint32_t chunk_size = 0;
    bool complete = false;
  };

  // -- written by the end that takes the stream
  /// A new attempt; gives it a number. Of a later generation, or after a branch found the content altered:
  /// all that was held goes.
  std::uint64_t offered(const transfer_offer& offer, bytes record);
  void begin(segment_ptr part, std::uint32_t chunk_size);
  void add_chunk();
  void close(bytes end_record);
  /// The circuit of that attempt is gone.
  void lose_source(std::uint64_t number);
  /// Nothing comes just now, but all is well: the receivers are told so.
  void give_sign();

  // -- read by the ends that feed branches, and by their owner
  bytes offer_record() const;
  statement_hash offer_hash() const;
  transfer_offer offer() const;
  holding held() const;
  place at(std::uint64_t chunk) const;
  /// Empty until all is there.
  bytes end_record() const;
  /// Nothing more will come in this attempt.
  bool is_over() const;
  std::uint64_t signs() const;
  /// A branch found it altered: the next attempt begins anew.
  void distrust();
  /// Of one chunk's record in the file, from `held().chunk_size`; all but the last are of the same length.
  static std::uint64_t offset_of(std::uint64_t chunk, std::uint32_t chunk_size);
  static std::uint64_t record_size(std::uint64_t chunk, std::uint64_t file_size, std::uint32_t chunk_size);

  wake_list& feeders() { return feeders_; }

 private:
  mutable std::mutex lock_;
  transfer_offer offer_;
  bytes offer_record_, end_record_;
  statement_hash offer_hash_{};
  std::vector<segment_ptr> parts_; ///< in order
  std::uint32_t chunk_size_ = 0;
  std::uint64_t chunks_ = 0, signs_ = 0, number_ = 0;
  bool source_lost_ = false, distrusted_ = false;
  wake_list feeders_;
};

} // namespace hublink
