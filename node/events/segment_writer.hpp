#pragma once
/// The segment that events are appended to, with its index. Not thread-safe.
#include "node/base/unique_fd.hpp"
#include "node/events/segment_index.hpp"
#include "protocol/base/errors.hpp"

#include <functional>
#include <memory>

namespace hublink {

class segment_writer {
 public:
  using steady_clock = std::function<std::int64_t()>;

  /// Opens or makes `file` and its index (0600). What the index does not cover is read, at most
  /// `most_unindexed` of it: beyond that it is `busy`, and the caller takes another file.
  static outcome<std::unique_ptr<segment_writer>> open(const std::filesystem::path& file,
                                                       steady_clock steady);
  static constexpr std::uint64_t most_unindexed = 32 << 20;
  ~segment_writer() { finish(); }

  /// Whole lines in one write. False: it is not written, see `errno`.
  bool append(const std::string& line, const std::string& transfer);
  /// False: somebody renamed or removed it.
  bool is_in_place() const;
  const std::filesystem::path& file() const { return file_; }
  /// The index covers all.
  void finish();

 private:
  segment_writer(std::filesystem::path file, unique_fd lines, unique_fd index, steady_clock steady)
      : file_(std::move(file)), lines_(std::move(lines)), index_(std::move(index)),
        steady_(std::move(steady)) {}
  outcome<> take_up();
  void read_unindexed();
  bool reserve(std::uint64_t size);
  void begin_index_anew();
  void note(std::string_view transfer);

  std::filesystem::path file_;
  unique_fd lines_, index_;
  steady_clock steady_;
  index_head head_;
  block_ids ids_;
  std::uint64_t block_ = 0, end_ = 0; ///< where the unfinished block begins, and the file ends
  std::uint64_t index_end_ = 0;
  std::uint64_t reserved_ = 0; ///< end of the room on the disk
};

} // namespace hublink
