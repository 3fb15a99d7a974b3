#pragma once
/// The event trace of a node: JSON lines in `DIR/events`, a segment a day. `DIR/events.jsonl` is a link to
/// the newest one.
#include "actors/ports/event_log.hpp"
#include "node/events/segment_name.hpp"
#include "node/events/segment_writer.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>

namespace hublink {

class event_ring;

struct event_folder_config {
  std::filesystem::path data; ///< the node's directory
  std::string node;
  std::function<std::chrono::system_clock::time_point()> wall_clock; ///< says what day it is
  std::function<std::int64_t()> steady_ms;                           ///< says how old a segment is
  event_ring* live = nullptr; ///< gets the lines too, in the same order
  /// Hears of each, and of how many could not be written; may be empty. Returns at once.
  std::function<void(const transfer_id& transfer, const event::any& what,
                     std::chrono::system_clock::time_point at)>
      noted{};
  std::function<void(std::uint64_t count)> lost{};
};

class event_folder : public event_log {
 public:
  /// Makes what is missing. An `events.jsonl` of an earlier version becomes a segment. Fails with `io_error`
  /// and the path.
  static outcome<std::unique_ptr<event_folder>> open(event_folder_config config);

  /// Appends a whole line in one write. One that could not be written is counted and reported in the log
  /// once.
  void write(const transfer_id& transfer, const event::any& what) override;
  /// Somebody may have renamed or removed files: the next line goes where it belongs. Thread-safe.
  void reopen();
  /// Compresses the segments that are over, removes those whose last line is older than `keep`, by the steady
  /// clock. Blocks; for one thread. `stopped`: asked now and then, ends it.
  void tidy(std::chrono::hours keep, const std::function<bool()>& stopped);

 private:
  explicit event_folder(event_folder_config config)
      : config_(std::move(config)), folder_(config_.data / "events"), link_(config_.data / "events.jsonl") {}
  outcome<> enter(std::chrono::system_clock::time_point now);
  outcome<> begin_segment(const std::string& day);
  /// The part of that day that is appended to: the last one, if it can be.
  segment_name newest_part(const std::string& day) const;
  int first_free_part(const std::string& day) const;
  outcome<> put_link();
  /// What is in the link's place and is no link.
  void take_over_file();
  void look_after_files(std::chrono::system_clock::time_point now);
  void complain(const outcome<>& of);
  void remove_old(const segment_name& name, std::int64_t oldest_ms);
  void close(const segment_name& name, const std::function<bool()>& stopped);

  event_folder_config config_;
  std::filesystem::path folder_, link_;
  std::mutex mutex_;
  std::unique_ptr<segment_writer> segment_;
  std::optional<segment_name> closing_; ///< nothing is appended to it
  std::string complained_;              ///< of files that could not be made, last
  std::string not_closed_;              ///< the same of closing; of that thread alone
  std::chrono::system_clock::time_point day_begin_{}, day_end_{};
  std::chrono::steady_clock::time_point look_again_{};
  std::uint64_t lost_ = 0;
};

} // namespace hublink
