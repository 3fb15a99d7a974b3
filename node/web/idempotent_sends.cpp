#include "node/web/idempotent_sends.hpp"
#include "node/web/problem.hpp"

#include <algorithm>

namespace hublink {

std::optional<http_answer> idempotent_sends::begin(const std::string& key, const std::string& content,
                                                   time now) {
  std::lock_guard guard{lock_};
  if (auto found = by_key_.find(key); found != by_key_.end() && now - found->second.begun < kept) {
    if (found->second.content != content)
      return problem_answer(409, "that Idempotency-Key came with another request before");
    if (!found->second.answer)
      return problem_answer(409, "the request of that Idempotency-Key is not answered yet");
    return found->second.answer;
  }
  if (by_key_.size() >= most) {
    std::erase_if(by_key_, [&](const auto& each) { return now - each.second.begun >= kept; });
    if (by_key_.size() >= most)
      by_key_.erase(std::ranges::min_element(
          by_key_, [](const auto& a, const auto& b) { return a.second.begun < b.second.begun; }));
  }
  by_key_[key] = {content, now};
  return {};
}

void idempotent_sends::settle(const std::string& key, const http_answer& answer) {
  std::lock_guard guard{lock_};
  auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  if (answer.status == 200)
    found->second.answer = answer;
  else
    by_key_.erase(found);
}

} // namespace hublink
