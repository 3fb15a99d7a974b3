#pragma once
/// How a job is begun: by way of this executable, which waits for the disk that the program is on in a
/// process of its own, and hides the node's keys in a mount namespace of the job's own before it becomes the
/// job (docs/internals/security.md, "Jobs").
#include <span>
#include <string>
#include <vector>

namespace hublink::job_fence {

/// Where the process says why it did not become the job; nothing comes there if it did.
inline constexpr int report_descriptor = 3;

/// The command line that hides `hidden` (files and folders, absolute; none: there is no fence) and then
/// becomes `command`.
std::vector<std::string> around(const std::vector<std::string>& command,
                                const std::vector<std::string>& hidden);

/// Is this process to become a job?
bool is_asked(std::span<char*> words);
/// Does not return if all goes well; else the exit code, and the report has the reason.
int become_job(std::span<char*> words);

} // namespace hublink::job_fence
