#pragma once
/// The source of a transfer, as whoever sends it sees it, to one receiver or to a broadcast point: its
/// generation is asked for, its beginning compared with what the other side has, its content read and sealed
/// chunk by chunk; and before the last chunk goes out it is looked at once more. It gives its owner, an end,
/// one step at a time, and takes what the owner is told of it. Knows no records but chunks and signs of life.
#include "protocol/circuit/circuit_end.hpp"
#include "protocol/transfer/outgoing_stream.hpp"
#include "protocol/transfer/prefix_check.hpp"

#include <optional>

namespace hublink {

class file_sender {
 public:
  /// Nothing: this part is over.
  using next_step = std::optional<end_step>;

  /// The first time in this attempt. Its owner must say which generation of the source this is.
  question::source opened(const file_facts& found);
  bool is_open() const { return is_open_; }
  const file_facts& facts() const { return facts_; }

  /// Begins to compare; then steps, each to be `completed`, until there is none.
  void compare(prefix_check what) { prefix_.emplace(std::move(what)); }
  next_step compare_on();
  /// What need not be sent, which counts as safe: nothing if it is not what was expected.
  struct prefix {
    std::uint64_t bytes = 0;
    file_digest digest;
  };
  prefix take_prefix(digest_kind kind);

  /// Begins to send content; then steps, each to be `completed`, or `rechecked`, until there is none.
  void begin(outgoing_stream stream) { stream_.emplace(std::move(stream)); }
  /// The record of chunk 0, before the first step.
  outcome<bytes> seal_metadata(const std::string& name) { return stream_->seal_metadata(name, facts_.mode); }
  bool is_sending() const { return stream_.has_value(); }
  /// Fails if a chunk can't be sealed.
  outcome<next_step> send_on();
  /// No chunk is half-way out.
  bool is_between_chunks() const { return !chunk_is_read_ && !rechecked_; }
  /// Fails with `file_changed` unless it is what was opened.
  outcome<> rechecked(const file_facts& found);
  std::string digest() const { return stream_->digest(); } ///< of what was sent

  void completed();

  /// Fails if the record says more than there is; what it says counts only as far as `counts`.
  outcome<> take_progress(byte_view body, bool counts);
  /// Of an earlier attempt that sent all: so much there was, whatever the source holds by now.
  void sent_earlier(const transfer_progress& then);
  const transfer_progress& progress() const { return progress_; }

 private:
  enum class doing : std::uint8_t { nothing, comparing, reading, sending };

  file_facts facts_;
  std::optional<prefix_check> prefix_;
  std::optional<outgoing_stream> stream_;
  bytes sign_; ///< of life
  doing doing_ = doing::nothing;
  bool is_open_ = false, chunk_is_read_ = false, rechecked_ = false;
  bool was_sent_earlier_ = false;
  transfer_progress progress_;
};

} // namespace hublink
