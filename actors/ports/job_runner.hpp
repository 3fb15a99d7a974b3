#pragma once
/// The port that runs jobs: processes (node/base/process_runner), or the simulation's.
#include "actors/definition/jobs.hpp"
#include "actors/ports/data_plane.hpp"

namespace hublink {

struct job_order {
  std::uint64_t number = 0; ///< of the asker's choosing
  job_definition job;
  std::map<std::string, std::string> facts; ///< environment variables
  std::string path; ///< of the transfer's file, relative to the node's directory: HUBLINK_PATH, absolute
};
struct job_ended {
  std::uint64_t number = 0;
  job_result result;
  std::string output; ///< the last `max_job_output` bytes, printable
};

} // namespace hublink

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::job_ended)

namespace hublink {

using job_owner = caf::typed_actor<caf::reacts_to<job_ended>>;

class job_runner {
 public:
  virtual ~job_runner() = default;
  /// Thread-safe, returns at once. `job_ended` with its number follows, after `timeout` and a few seconds at
  /// the latest; never from within the call.
  virtual void run(job_order order, weak_owner<job_owner> owner) = 0;
};

} // namespace hublink
