#include "node/events/event_ring.hpp"

#include <algorithm>
#include <utility>

namespace hublink {

namespace {

bool is_wanted(const event_filter& wanted, const transfer_id& transfer, const std::string& file) {
  if (!wanted.transfer.empty() && transfer != wanted.transfer) return false;
  return wanted.files.covers(file);
}

} // namespace

void event_ring::put(std::string line, const transfer_id& transfer, const std::optional<std::string>& file) {
  std::unique_lock guard{lock_};
  bytes_ += line.size();
  entries_.push_back({std::move(line), transfer, remember(transfer, file)});
  drop_old();
  auto woken = wakers_.take_all();
  guard.unlock();
  woken.call();
}

std::string event_ring::remember(const transfer_id& transfer, const std::optional<std::string>& file) {
  if (transfer.empty()) return file.value_or("");
  if (!file) {
    auto known = files_.find(transfer);
    return known == files_.end() ? "" : known->second;
  }
  if (files_.emplace(transfer, *file).second) seen_.push_back(transfer);
  if (seen_.size() > most_.events) {
    files_.erase(seen_.front());
    seen_.pop_front();
  }
  return *file;
}

void event_ring::drop_old() {
  while (entries_.size() > most_.events || (bytes_ > most_.bytes && entries_.size() > 1)) {
    bytes_ -= entries_.front().line.size();
    entries_.pop_front();
    ++dropped_;
  }
}

std::uint64_t event_ring::oldest() const {
  std::lock_guard guard{lock_};
  return dropped_;
}

std::uint64_t event_ring::end() const {
  std::lock_guard guard{lock_};
  return dropped_ + entries_.size();
}

event_ring::batch event_ring::read(std::uint64_t from, const event_filter& wanted, std::size_t bytes) const {
  std::lock_guard guard{lock_};
  batch found;
  found.missed = from < dropped_ ? dropped_ - from : 0;
  auto at = std::min(std::max(from, dropped_) - dropped_, std::uint64_t(entries_.size()));
  for (std::size_t taken = 0; at < entries_.size(); ++at) {
    const auto& entry = entries_[at];
    if (!is_wanted(wanted, entry.transfer, entry.file)) continue;
    if (taken > 0 && taken + entry.line.size() > bytes) break;
    taken += entry.line.size();
    found.lines.push_back(entry.line);
  }
  found.next = dropped_ + at;
  return found;
}

waker event_ring::when_past(std::uint64_t position, std::function<void()> call) {
  auto held = make_waker(std::move(call));
  {
    std::lock_guard guard{lock_};
    if (dropped_ + entries_.size() <= position) {
      wakers_.add(held);
      return held;
    }
  }
  (*held)();
  return held;
}

} // namespace hublink
