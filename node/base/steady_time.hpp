#pragma once
/// A node's own count of time, by which it waits, tries again and deletes. It begins as the wall clock at the
/// node's first start, goes on with the kernel's count since the machine was started, and through restarts
/// with what a file in the data directory says. Nobody can set it.
#include "protocol/base/errors.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace hublink {

/// The clocks of one moment.
struct time_mark {
  std::string boot;               ///< id of the machine's start; empty: not known
  std::int64_t since_boot_ms = 0; ///< suspended or not
  std::int64_t wall_ms = 0;       ///< since 1970, as the machine's clock says
  std::int64_t steady_ms = 0;     ///< a node's own count
};

/// `now` with the count that goes on from `last`. What the machine was off for does not count: only a clock
/// that may be wrong could tell how long that was. Pure.
time_mark resumed(const std::optional<time_mark>& last, time_mark now);
/// What an operator is told when the wall clock did not go on with the count between the two: it was set, or
/// the machine was off. Nothing below `least_jump`. Pure.
std::optional<std::string> clock_news(const time_mark& before, const time_mark& now);
constexpr std::chrono::seconds least_jump{30};

/// Thread-safe.
class steady_time {
 public:
  using clocks = std::function<time_mark()>; ///< without a count
  static clocks of_machine();

  /// Goes on with what `file` says, and writes it anew. A file that can't be read is as none: that begins
  /// anew, and nothing is taken for older than it is. Fails if it can't be written.
  static outcome<std::unique_ptr<steady_time>> open(std::filesystem::path file, clocks read = of_machine());

  std::int64_t now_ms() const;
  /// Once: what happened to the wall clock since the last call; at first, since the node ran before.
  std::optional<std::string> news();
  /// For the next start. Blocks.
  outcome<> save() const;

 private:
  steady_time(std::filesystem::path file, clocks read, time_mark begun, std::optional<time_mark> before)
      : file_(std::move(file)), read_(std::move(read)), begun_(std::move(begun)),
        told_(before ? std::move(*before) : begun_) {}
  time_mark now() const;

  std::filesystem::path file_;
  clocks read_;
  time_mark begun_;
  std::mutex lock_;
  time_mark told_; ///< up to there
};

} // namespace hublink
