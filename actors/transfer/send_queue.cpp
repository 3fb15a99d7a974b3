#include "actors/transfer/send_queue.hpp"

namespace hublink {

template <class Work>
void send_queue::change(const std::string& file, Work work) {
  auto& one = lines_[file];
  auto head = [&]() -> std::optional<place> {
    if (one.taken || one.waiting.empty()) return {};
    return place{-one.priority, *one.waiting.begin()};
  };
  if (auto before = head()) heads_.erase(*before);
  work(one);
  if (auto after = head()) heads_.emplace(*after, file);
  if (!one.taken && one.waiting.empty()) lines_.erase(file);
}

void send_queue::add(const std::string& file, int priority, const transfer_id& transfer) {
  change(file, [&](line& one) {
    one.priority = priority;
    one.waiting.insert(transfer);
  });
}

void send_queue::remove(const std::string& file, const transfer_id& transfer) {
  change(file, [&](line& one) { one.waiting.erase(transfer); });
}

const transfer_id* send_queue::first() const {
  return heads_.empty() ? nullptr : &heads_.begin()->first.second;
}

transfer_id send_queue::take() {
  auto [place, file] = *heads_.begin();
  change(file, [&, &id = place.second](line& one) {
    one.waiting.erase(id);
    one.taken = true;
  });
  return place.second;
}

void send_queue::release(const std::string& file) {
  change(file, [](line& one) { one.taken = false; });
}

} // namespace hublink
