#include "node/socket/unproven_connections.hpp"

#include <algorithm>

namespace hublink {

unproven_connections::ticket::~ticket() {
  if (auto list = of_.lock()) list->extract(number_);
}

void unproven_connections::ticket::on_drop(std::function<void()> drop) {
  auto list = of_.lock();
  if (!list) return;
  auto found = list->waiting_.find(number_);
  if (found != list->waiting_.end()) found->second.drop = std::move(drop);
}

std::shared_ptr<unproven_connections::ticket>
unproven_connections::admit(const std::string& source, std::function<void()> drop_it, time_point now) {
  auto there = by_source_.find(source);
  if (there != by_source_.end() && there->second.size() >= std::max<std::size_t>(of_one_, 1))
    drop(*there->second.begin());
  if (waiting_.size() >= limit_) drop_one();
  auto& same_source = by_source_[source];
  counts_.erase({same_source.size(), source});
  same_source.insert(++last_);
  counts_.emplace(same_source.size(), source);
  waiting_.emplace(last_, entry{source, std::move(drop_it), now + lifetime});
  return std::make_shared<ticket>(weak_from_this(), last_);
}

bool unproven_connections::drop_one() {
  if (counts_.empty()) return false;
  auto most = counts_.rbegin()->first;
  auto number = *by_source_.at(counts_.rbegin()->second).begin();
  if (most == 1) number = waiting_.begin()->first; // nobody has more than another: the oldest of all
  drop(number);
  return true;
}

bool unproven_connections::has_most(const std::string& source) const {
  auto there = by_source_.find(source);
  return there != by_source_.end() && there->second.size() == counts_.rbegin()->first;
}

void unproven_connections::expire(time_point now) {
  while (!waiting_.empty() && waiting_.begin()->second.deadline <= now) drop(waiting_.begin()->first);
}

std::optional<unproven_connections::time_point> unproven_connections::next_deadline() const {
  if (waiting_.empty()) return {};
  return waiting_.begin()->second.deadline;
}

std::optional<unproven_connections::entry> unproven_connections::extract(std::uint64_t number) {
  auto found = waiting_.extract(number);
  if (!found) return {};
  const auto& source = found.mapped().source;
  auto there = by_source_.find(source);
  counts_.erase({there->second.size(), source});
  there->second.erase(number);
  if (there->second.empty())
    by_source_.erase(there);
  else
    counts_.emplace(there->second.size(), source);
  return std::move(found.mapped());
}

// Out of the list before the call: closing destroys the ticket.
void unproven_connections::drop(std::uint64_t number) {
  if (auto connection = extract(number)) connection->drop();
}

} // namespace hublink
