#include "node/socket/unproven_connections.hpp"

#include <algorithm>

namespace hublink {

unproven_connections::ticket::~ticket() {
  auto list = of_.lock();
  if (!list) return;
  auto found = list->find(number_);
  if (found != list->waiting_.end()) list->waiting_.erase(found);
}

void unproven_connections::ticket::on_drop(std::function<void()> drop) {
  auto list = of_.lock();
  if (!list) return;
  auto found = list->find(number_);
  if (found != list->waiting_.end()) found->drop = std::move(drop);
}

std::shared_ptr<unproven_connections::ticket>
unproven_connections::admit(const std::string& source, std::function<void()> drop_it, time_point now) {
  auto from_there = [&](const entry& connection) { return connection.source == source; };
  auto same_source = static_cast<std::size_t>(std::ranges::count_if(waiting_, from_there));
  if (same_source >= std::max<std::size_t>(limit_ / 2, 1)) drop(std::ranges::find_if(waiting_, from_there));
  if (waiting_.size() >= limit_) drop_oldest();
  waiting_.push_back({++last_, source, std::move(drop_it), now + lifetime});
  return std::make_shared<ticket>(weak_from_this(), last_);
}

bool unproven_connections::drop_oldest() {
  if (waiting_.empty()) return false;
  drop(waiting_.begin());
  return true;
}

void unproven_connections::expire(time_point now) {
  while (!waiting_.empty() && waiting_.front().deadline <= now) drop(waiting_.begin());
}

std::optional<unproven_connections::time_point> unproven_connections::next_deadline() const {
  if (waiting_.empty()) return {};
  return waiting_.front().deadline;
}

std::list<unproven_connections::entry>::iterator unproven_connections::find(std::uint64_t number) {
  return std::ranges::find_if(waiting_,
                              [number](const entry& connection) { return connection.number == number; });
}

void unproven_connections::drop(std::list<entry>::iterator connection) {
  auto close = std::move(connection->drop);
  waiting_.erase(connection); // before the call: closing destroys the ticket
  close();
}

} // namespace hublink
