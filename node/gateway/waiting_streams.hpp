#pragma once
/// Applications that wait for a link to another gateway. One thread.
#include "node/gateway/gateway_stream.hpp"

#include <map>
#include <vector>

namespace hublink {

class waiting_streams {
 public:
  struct entry {
    mux_target target;
    std::shared_ptr<gateway_stream> stream;
  };

  void put(const std::string& peer, const mux_target& target, std::shared_ptr<gateway_stream> stream) {
    by_peer_[peer].push_back({target, std::move(stream)});
  }
  /// Those that wait for that one; nobody does any more.
  std::vector<entry> take(const std::string& peer) {
    auto line = by_peer_.extract(peer);
    return line ? std::move(line.mapped()) : std::vector<entry>{};
  }
  /// Answers those that this definition does not let through.
  void end_refused(const definition& self);
  void clear() { by_peer_.clear(); }

 private:
  std::map<std::string, std::vector<entry>> by_peer_;
};

} // namespace hublink
