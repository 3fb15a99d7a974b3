#pragma once
/// Transfers that wait for their turn: the highest priority first, then the oldest; of one file ID one at a
/// time. Each step costs the same however many wait. Pure.
#include "protocol/base/bytes.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace hublink {

class send_queue {
 public:
  /// Nothing if it waits already. All of one file ID have the same priority.
  void add(const std::string& file, int priority, const transfer_id& transfer);
  /// Nothing if it does not wait.
  void remove(const std::string& file, const transfer_id& transfer);

  /// The next one, of those whose file ID is free.
  const transfer_id* first() const;
  /// The same, taken out; its file ID is taken until `release`. Only if there is a first.
  transfer_id take();
  void release(const std::string& file);

 private:
  struct line {
    int priority = 0;
    bool taken = false;
    std::set<transfer_id> waiting; ///< ids sort by age
  };
  using place = std::pair<int, transfer_id>; ///< (−priority, id)

  /// Keeps `heads_` right while `work` changes a line.
  template <class Work>
  void change(const std::string& file, Work work);

  std::map<std::string, line> lines_;  ///< by file ID: those with something waiting, or taken
  std::map<place, std::string> heads_; ///< of the lines that are free → file ID
};

} // namespace hublink
