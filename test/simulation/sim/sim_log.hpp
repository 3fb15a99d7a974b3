#pragma once
/// A node's log, kept for tests to look into. Through all of its lives.
#include "actors/ports/log_port.hpp"

#include <algorithm>
#include <mutex>
#include <string_view>
#include <vector>

namespace hublink::sim {

class sim_log final : public log_port {
 public:
  void write(const log_entry& entry) override {
    std::lock_guard guard{lock_};
    entries_.push_back(entry);
  }
  /// How many entries have that text in them.
  std::size_t count(std::string_view text) const {
    std::lock_guard guard{lock_};
    return std::size_t(std::count_if(entries_.begin(), entries_.end(), [&](const auto& entry) {
      return to_string(entry).find(text) != std::string::npos;
    }));
  }

 private:
  mutable std::mutex lock_;
  std::vector<log_entry> entries_;
};

} // namespace hublink::sim
