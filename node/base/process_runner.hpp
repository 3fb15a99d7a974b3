#pragma once
/// Runs jobs as processes: in a session of their own, in the node's directory, without the node's
/// descriptors; output and end are awaited on the io thread, which waits for no disk that a program is on.
#include "actors/ports/job_runner.hpp"

#include <asio/io_context.hpp>

#include <filesystem>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace hublink {

class job_process;

class process_runner : public job_runner {
 public:
  /// `folder`: the node's directory, absolute. `hidden`: files and folders that no job sees, absolute; none:
  /// jobs see what the node sees.
  process_runner(asio::io_context& context, std::filesystem::path folder,
                 std::vector<std::string> hidden = {})
      : context_(context), folder_(std::move(folder)), hidden_(std::move(hidden)) {}
  ~process_runner() override;

  void run(job_order order, weak_owner<job_owner> owner) override;
  /// Ends what runs, without telling, and waits up to a second for that. On the io thread, or after it ended.
  void stop();

 private:
  asio::io_context& context_;
  std::filesystem::path folder_;
  std::vector<std::string> hidden_;
  std::list<std::weak_ptr<job_process>> running_;
};

} // namespace hublink
