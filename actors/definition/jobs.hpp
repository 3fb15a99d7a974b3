#pragma once
/// Jobs: commands that the node's own operator ties to its transfers.
#include "protocol/circuit/owner_questions.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hublink {

/// Before the first attempt; after the outcome at the sender; after the file is in place at the receiver.
enum class job_kind : std::uint8_t { pre_send, post_send, post_receive };
std::string_view to_string(job_kind kind);
std::optional<job_kind> job_kind_from_string(std::string_view name);

struct job_definition {
  std::vector<std::string> command; ///< run as it is, without a shell; relative to the node's directory
  std::chrono::seconds timeout{300};
  enum class outcome : std::uint8_t { done, failed, any };
  outcome after = outcome::done; ///< post_send
  bool wait = false;             ///< post_receive: the sender's transfer waits for it and carries its result
};

/// The node's own jobs, from its own configuration: never pushed, never from the wire.
struct job_table {
  std::map<std::string, std::map<job_kind, job_definition>>
      by_file; ///< "*": every file ID without an own entry
  std::size_t at_once = 4;

  const job_definition* find(const std::string& file, job_kind kind) const;
};

/// How a job ended; kept with its transfer.
struct job_report {
  job_kind kind = job_kind::pre_send;
  std::string node; ///< where it ran
  job_result result;
  std::string output{};                      ///< the last of what it wrote, up to `max_job_output` bytes
  std::int64_t started_ms = 0, ended_ms = 0; ///< since 1970
};
inline constexpr std::size_t max_job_output = 4096;

} // namespace hublink
