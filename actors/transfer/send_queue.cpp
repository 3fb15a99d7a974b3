#include "actors/transfer/send_queue.hpp"

namespace hublink {

template <class Work>
void send_queue::change(const std::string& file, Work work) {
  auto& file_line = lines_[file];
  auto head = [&]() -> std::optional<place> {
    if (file_line.taken || file_line.waiting.empty()) return {};
    return place{-file_line.priority, *file_line.waiting.begin()};
  };
  if (auto before = head()) heads_.erase(*before);
  work(file_line);
  if (auto after = head()) heads_.emplace(*after, file);
  if (!file_line.taken && file_line.waiting.empty()) lines_.erase(file);
}

void send_queue::add(const std::string& file, int priority, const transfer_id& transfer) {
  change(file, [&](line& file_line) {
    file_line.priority = priority;
    file_line.waiting.insert(transfer);
  });
}

void send_queue::remove(const std::string& file, const transfer_id& transfer) {
  change(file, [&](line& file_line) { file_line.waiting.erase(transfer); });
}

const transfer_id* send_queue::first() const {
  return heads_.empty() ? nullptr : &heads_.begin()->first.second;
}

transfer_id send_queue::take() {
  auto [place, file] = *heads_.begin();
  change(file, [&, &id = place.second](line& file_line) {
    file_line.waiting.erase(id);
    file_line.taken = true;
  });
  return place.second;
}

void send_queue::release(const std::string& file) {
  change(file, [](line& file_line) { file_line.taken = false; });
}

} // namespace hublink
