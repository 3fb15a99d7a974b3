#pragma once
/// What all nodes wrote into their event logs, in the order of its happening.
#include "simulation/network/world.hpp"

#include <string>
#include <vector>

namespace hublink::sim {

struct traced_event {
  duration time{0};
  std::string node;
  transfer_id transfer;
  event::any what;
};

/// One line without the transfer's id: `ServerA told HOST1 FILE01 to HOST2`, `ServerA next HOST2 by route at
/// ServerB`.
std::string to_string(const traced_event& entry);

/// Survives crashes, as a file does.
class event_trace {
 public:
  explicit event_trace(world& in) : world_(in) {}

  const std::vector<traced_event>& all() const { return all_; }
  /// The lines of one transfer.
  std::vector<std::string> of(const transfer_id& transfer) const;
  void write(const std::string& node, const transfer_id& transfer, const event::any& what);

 private:
  world& world_;
  std::vector<traced_event> all_;
};

/// The log of one life of one node.
class node_events final : public event_log {
 public:
  node_events(event_trace& into, std::string node) : into_(into), node_(std::move(node)) {}
  void write(const transfer_id& transfer, const event::any& what) override {
    if (!deaf) into_.write(node_, transfer, what);
  }

  bool deaf = false;

 private:
  event_trace& into_;
  std::string node_;
};

} // namespace hublink::sim
