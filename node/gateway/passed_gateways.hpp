#pragma once
/// How many more gateways a connection may pass that this gateway itself has made to one of its own
/// listeners: so a circle ends. One thread.
#include "protocol/gateway/mux_frame.hpp"

#include <map>
#include <memory>

namespace hublink {

class passed_gateways {
 public:
  /// The connection from that address counts for as long as the mark is kept.
  std::shared_ptr<void> mark(const endpoint& from, std::uint8_t hops_left) {
    (*left_)[from] = hops_left;
    return {nullptr, [from, left = std::weak_ptr(left_)](std::nullptr_t) {
              if (auto alive = left.lock()) alive->erase(from);
            }};
  }
  std::uint8_t hops_of(const endpoint& application) const {
    auto own = left_->find(application);
    return own == left_->end() ? mux_target{}.hops_left : own->second;
  }

 private:
  std::shared_ptr<std::map<endpoint, std::uint8_t>> left_ =
      std::make_shared<std::map<endpoint, std::uint8_t>>();
};

} // namespace hublink
