#pragma once
/// The border between the gateway actor, which decides when there is a link to another gateway, and the one
/// who carries the applications (node/gateway/gateway_io). Ids cross it, never sockets or buffers.
#include "actors/definition/definition.hpp"
#include "actors/ports/data_plane.hpp"
#include "protocol/gateway/mux.hpp"
#include "protocol/gateway/udp_flows.hpp"

namespace hublink {

/// Both hellos are through: streams may be opened on that circuit's link.
struct gateway_up {
  circuit_id circuit = 0;
  std::string peer;
};
/// The last message about that link; every stream on it has ended. `peer` is empty if it never showed who it
/// is.
struct gateway_down {
  circuit_id circuit = 0;
  std::string peer;
  failure why;
};
/// An application waits for a link to `peer`, and none takes it: `gateway_up` or
/// `gateway_plane::unreachable` must follow.
struct gateway_wanted {
  std::string peer;
};

/// One stream or flow, for listings.
struct stream_report {
  std::uint64_t number = 0; ///< in this node
  std::string
      gateway;      ///< its name; `socks`, `redirect` or `wrap` where the application names the destination
  std::string peer; ///< the other gateway
  bool calling = true, udp = false;
  std::string from, to;                     ///< the application's address, the destination
  std::string state;                        ///< opening, open, closing, closed
  std::uint64_t bytes = 0, bytes_back = 0;  ///< towards the destination, and back
  std::int64_t opened_ms = 0, ended_ms = 0; ///< Unix time; 0: not yet
  std::string result;                       ///< closed: done, reset, refused, cut, expired, evicted
  std::string reason;
};
struct gateway_link_report {
  std::string peer;
  circuit_id circuit = 0;
  bool dialled = false, up = false;
  std::int64_t since_ms = 0;
  std::uint64_t streams = 0;
  mux_counters counters;
  std::chrono::microseconds round_trip{0};
};
struct listener_report {
  std::string name, protocol, calling, called, listen, deliver{};
  std::string state{}; ///< listening, failed, serving (called side)
  std::string reason{};
  std::uint64_t streams = 0; ///< open now, flows of datagrams included
};
struct gateway_report {
  bool enabled = false;
  std::vector<listener_report> listeners;
  std::vector<gateway_link_report> links;
  std::vector<stream_report> streams, closed;
  std::map<std::string, std::uint64_t> refused; ///< by reason, since the start
  flow_counters calling_flows, called_flows;
};
struct gateway_reported {
  std::uint64_t number = 0;
  gateway_report report;
};

} // namespace hublink

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::gateway_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::gateway_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::gateway_wanted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::gateway_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::gateway_reported)

namespace hublink {

using gateway_owner = caf::typed_actor<caf::reacts_to<gateway_up>, caf::reacts_to<gateway_down>,
                                       caf::reacts_to<gateway_wanted>, caf::reacts_to<gateway_reported>>;

/// Every member is thread-safe and returns at once.
class gateway_plane {
 public:
  virtual ~gateway_plane() = default;

  /// Opens the listeners.
  virtual void serve(weak_owner<gateway_owner> owner) = 0;
  /// Makes a link of the circuit's one attached side. `expected`: the gateway that was dialled, empty where
  /// this node was. `gateway_up`, then `gateway_down`; and `ended` to the circuit's own owner.
  virtual void run(circuit_id circuit, std::string expected) = 0;
  /// That definition is in force: listeners and what may be opened follow it; what is open goes on.
  virtual void define(definition_ptr self) = 0;
  /// Nobody will make a link to `peer` now: who waits for one is refused.
  virtual void unreachable(std::string peer, failure why) = 0;
  virtual void report(std::uint64_t number, weak_owner<gateway_owner> owner) = 0;
  /// Applications that come from now on are refused as `busy`; what is open goes on. For good. `idle` is
  /// called whenever no connection of theirs is open from then on, on any thread.
  virtual void drain(std::function<void()> idle) = 0;
};

} // namespace hublink
