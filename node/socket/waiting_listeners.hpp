#pragma once
/// The listeners of this process that can't listen yet, for whoever asks how it does.
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hublink {

/// Thread-safe.
class waiting_listeners {
 public:
  struct row {
    std::string name, listen; ///< `gateway db`, and where it would listen
    std::string reason;
  };

  static waiting_listeners& of_process() {
    static waiting_listeners all;
    return all;
  }

  void note(row what) {
    std::lock_guard guard{lock_};
    reasons_[{what.name, what.listen}] = std::move(what.reason);
  }
  void forget(const std::string& name, const std::string& listen) {
    std::lock_guard guard{lock_};
    reasons_.erase({name, listen});
  }
  std::vector<row> all() const {
    std::lock_guard guard{lock_};
    std::vector<row> rows;
    for (const auto& [who, reason] : reasons_) rows.push_back({who.first, who.second, reason});
    return rows;
  }

 private:
  mutable std::mutex lock_;
  std::map<std::pair<std::string, std::string>, std::string> reasons_; ///< by name and place
};

} // namespace hublink
