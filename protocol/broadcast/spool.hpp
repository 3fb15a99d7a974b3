#pragma once
/// What a broadcast point holds of one transfer, without being able to open it: written by the end that takes
/// the stream, read by the ends that feed the branches. The chunks lie in a file, this is all else.
/// Thread-safe.
#include "protocol/base/waker_list.hpp"
#include "protocol/broadcast/bad_chunks.hpp"
#include "protocol/broadcast/broadcast_records.hpp"

#include <mutex>

namespace hublink {

class spool {
 public:
  /// One attempt of the sender, from its first chunk to where the next segment begins.
  struct segment {
    std::uint64_t first = 1;                ///< chunk of content
    bytes header, metadata;                 ///< whole records
    std::map<std::string, bytes> envelopes; ///< by recipient, who alone can tell whether it is good
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
  /// What outlives the process once its owner has written it down: as far as the file is durable.
  struct state {
    bytes offer; ///< record
    std::uint64_t chunks = 0;
    std::uint32_t chunk_size = 0;
    std::vector<segment_ptr> parts; ///< that these chunks belong to
    bytes end;                      ///< record; empty unless all is durable
  };

  // -- written by the end that takes the stream
  /// A new attempt; gives it a number. Of a later generation: all that was held goes; after a branch found
  /// the content altered: what follows the last good chunk.
  std::uint64_t offered(const transfer_offer& offer, bytes record);
  void begin(segment_ptr part, std::uint32_t chunk_size);
  void add_chunk();
  void close(bytes end_record);
  /// The file is durable up to there.
  void synced(std::uint64_t chunks);
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
  /// From that chunk on the next attempt brings it again: the disk lost it.
  void distrust(std::uint64_t from_chunk);
  /// As `bad_chunks` has it: a receiver, or a point that is fed from here, could not open that chunk.
  void blame(std::uint64_t chunk, std::chrono::milliseconds now);
  void blame_by_point(std::uint64_t chunk, std::chrono::milliseconds now);
  std::uint64_t bad_from_above() const;
  bool is_distrusted() const;

  // -- for its owner, who writes it down
  state durable() const;
  /// That much is written down, and perhaps the end: the sender may be told.
  void confirm(std::uint64_t chunks, bool complete);
  bool is_safe() const;                  ///< all of it is
  std::uint64_t confirmed_bytes() const; ///< of content
  /// After a restart; `file` is the offer's.
  outcome<> restore(state from, const std::string& file);
  /// What an offer's record says; its signature is not checked again.
  static outcome<transfer_offer> read_offer(byte_view record, const std::string& file);
  /// Of one chunk's record in the file, from `held().chunk_size`; all but the last are of the same length.
  static std::uint64_t offset_of(std::uint64_t chunk, std::uint32_t chunk_size);
  /// Of a file with so many chunks of content, of `file_size` bytes.
  static std::uint64_t length_of(std::uint64_t chunks, std::uint64_t file_size, std::uint32_t chunk_size);
  static std::uint64_t record_size(std::uint64_t chunk, std::uint64_t file_size, std::uint32_t chunk_size);

  waker_list& feeders() { return feeders_; }

 private:
  void cut_to(std::uint64_t chunks);
  void distrust_from(std::uint64_t chunk);
  std::uint64_t bytes_in(std::uint64_t chunks) const;

  mutable std::mutex lock_;
  transfer_offer offer_;
  bytes offer_record_, end_record_;
  statement_hash offer_hash_{};
  std::vector<segment_ptr> parts_; ///< in order
  std::uint32_t chunk_size_ = 0;
  std::uint64_t chunks_ = 0, signs_ = 0, number_ = 0;
  std::uint64_t synced_ = 0, confirmed_ = 0; ///< chunks
  std::optional<std::uint64_t> distrusted_;  ///< from that chunk on
  bad_chunks bad_;
  bool source_lost_ = false, safe_ = false;
  waker_list feeders_;
};

} // namespace hublink
