#pragma once
/// Questions at the start of a node, to disks that may not answer.
#include <chrono>
#include <future>
#include <optional>
#include <thread>
#include <utility>

namespace hublink {

/// What `work` returns; nothing if that takes longer. Then it goes on by itself, so it holds no references.
template <class Work>
auto answered_within(std::chrono::milliseconds limit, Work work) -> std::optional<decltype(work())> {
  std::packaged_task<decltype(work())()> task{std::move(work)};
  auto answer = task.get_future();
  std::thread{std::move(task)}.detach();
  if (answer.wait_for(limit) != std::future_status::ready) return {};
  return answer.get();
}

} // namespace hublink
