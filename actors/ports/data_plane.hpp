#pragma once
/// The border between actors, which decide, and the plane, which owns every socket. Ids cross it, never
/// sockets or buffers. Two implementations: `io_plane` (asio, node/) and the simulated network
/// (test/simulation/).
#include "actors/ports/file_store.hpp"
#include "protocol/base/dial_address.hpp"
#include "protocol/circuit/circuit_end.hpp"
#include "protocol/link/link_message.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hublink {

using link_id = std::uint64_t;    ///< one connection to a neighbour; unique per process
using circuit_id = std::uint64_t; ///< one circuit's part in this node; unique per process

/// Near: towards the origin. Far: towards the destination. An origin has only a far side, an end point only a
/// near one.
enum class side : std::uint8_t { near, far };

// -- what the plane reports
// ---------------------------------------------------------------------------------------

/// What the two ends of a link have in common, and nobody else has (RFC 9266).
using link_binding = std::array<std::byte, 32>;
/// TLS and `hello` are through, in both directions.
struct link_up {
  link_id id = 0;
  std::string peer;
  role peer_role = role::server;
  bool dialled = false; ///< by this node
  std::uint64_t incarnation = 0;
  std::uint16_t version = version_newest; ///< of the protocol, in force on it
  link_binding binding{};
};
/// The last message about that link.
struct link_down {
  link_id id = 0;
  failure why;
};
struct link_received {
  link_id id = 0;
  link_message message;
};
struct resolved {
  std::uint64_t number = 0;
  outcome<std::vector<ip_address>> addresses; ///< in the order in which they are tried; at least one
};
/// A side's socket is there and its peer accepted the token. A circuit with both sides is joined by the plane
/// at once.
struct attached {
  circuit_id circuit = 0;
  hublink::side side = side::near;
};
/// At most five a second.
struct progressed {
  circuit_id circuit = 0;
  transfer_progress progress;
};
/// The end on the circuit waits for `data_plane::resume`, if the question `wants_answer`.
struct consulted {
  circuit_id circuit = 0;
  consult_owner question;
};
/// The last message about that circuit. Done: every direction ended with FIN after draining (and the transfer
/// end was content).
struct ended {
  circuit_id circuit = 0;
  outcome<> result;
  std::uint64_t bytes = 0,
                bytes_back = 0; ///< towards the destination, and back; as carried, sealing included
  transfer_progress content{};  ///< of a transfer end
  std::string digest{};         ///< of a transfer end that is done
};
/// The link to `peer` is gone, over which that side of the circuit was made. From the link for a far side,
/// from the local hop for a near one.
struct hop_lost {
  std::string peer;
  hublink::side side = side::far;
  failure why;
};

} // namespace hublink

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::open)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::abandon)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<hublink::endpoint>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::link_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::link_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::link_received)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::resolved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::attached)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::progressed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::consulted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::hop_lost)

namespace hublink {

/// Takes in links that neighbours dialled; it must find an owner and let that one `adopt` the link.
using link_acceptor = caf::typed_actor<caf::reacts_to<link_up>>;
using link_owner =
    caf::typed_actor<caf::reacts_to<link_up>, caf::reacts_to<link_down>, caf::reacts_to<link_received>>;
using resolve_owner = caf::typed_actor<caf::reacts_to<resolved>>;
using circuit_owner =
    caf::typed_actor<caf::reacts_to<attached>, caf::reacts_to<progressed>, caf::reacts_to<consulted>,
                     caf::reacts_to<ended>, caf::reacts_to<hop_lost>>;

/// A handle that keeps nobody alive. Telling a dead owner is no error.
template <class Handle>
class weak_owner {
 public:
  weak_owner() = default;
  weak_owner(const Handle& owner) : owner_(caf::actor_cast<caf::weak_actor_ptr>(owner)) {}
  /// An actor as owner of what it asks for; its interface must include `Handle`.
  template <class Self>
  explicit weak_owner(Self* self) : owner_(self->ctrl()) {}

  template <class T>
  void tell(T message) const {
    if (auto strong = owner_.lock()) caf::anon_send(caf::actor_cast<Handle>(strong), std::move(message));
  }

 private:
  caf::weak_actor_ptr owner_;
};

/// Every member is thread-safe and returns at once; results arrive as messages at the weak owner. Ids that
/// are unknown or over are look-up misses, not errors.
class data_plane {
 public:
  virtual ~data_plane() = default;

  /// Starts accepting. Links that pass TLS and `hello` go to `acceptor` and are read only once adopted.
  virtual void listen(weak_owner<link_acceptor> acceptor) = 0;
  /// `link_up` or `link_down`, within `dial_timeout`, over the first of these addresses that leads to `peer`,
  /// whose certificate must name it. The link is adopted.
  virtual link_id dial(endpoints where, std::string peer, weak_owner<link_owner> owner) = 0;
  virtual void adopt(link_id link, weak_owner<link_owner> owner) = 0;
  /// In order. The queue of a link is bounded; overflow takes it down.
  virtual void send(link_id link, link_message message) = 0;
  /// Sends what is queued, then closes. No `link_down` follows.
  virtual void hang_up(link_id link) = 0;

  static constexpr std::uint64_t lookups_at_once = 64;
  static constexpr std::chrono::seconds lookup_limit{5};
  /// Asks the system resolver. `resolved` with `number`, within `lookup_limit`.
  virtual void resolve(std::uint64_t number, std::string host, weak_owner<resolve_owner> owner) = 0;

  virtual circuit_id make_circuit(weak_owner<circuit_owner> owner) = 0;
  /// Whose line that side goes over, by the name of the neighbour. Before `expect` or `attach`; without it
  /// the socket is treated as the system treats any.
  virtual void goes_over(circuit_id, side, std::string) {}
  /// Waits up to `token_lifetime` for a socket that shows the token: `attached`, or `ended` with `timed_out`.
  virtual token expect(circuit_id circuit, side where) = 0;
  /// Dials a data port, at the first of these addresses that takes the token: `attached` or `ended`.
  virtual void attach(circuit_id circuit, side where, endpoints peer, token key) = 0;
  /// Drives an end on the circuit's one attached side. `file` may be null for an end that uses none.
  virtual void run(circuit_id circuit, std::unique_ptr<circuit_end> end,
                   std::unique_ptr<transfer_file> file) = 0;
  /// Makes a link inside the circuit, on its one attached side: TLS and `hello` with `peer`, whoever carries
  /// the circuit. The origin takes the dialler's part. As with `dial`: `link_up` or `link_down`, within
  /// `dial_timeout`; nothing is read before `link_up`, and the link is adopted. When the link is over,
  /// `ended` follows at the circuit's owner; closing the circuit takes the link down.
  virtual link_id upgrade(circuit_id circuit, std::string peer, weak_owner<link_owner> owner) = 0;
  /// How fast that circuit's sending end may go, from now on: bytes per second, 0 for no limit. Before `run`
  /// or while it runs.
  virtual void limit(circuit_id circuit, std::uint64_t rate) = 0;
  /// The same for all sending ends of the node together. At first: the definition's.
  virtual void limit_all(std::uint64_t rate) = 0;
  /// Answers a `consulted`.
  virtual void resume(circuit_id circuit, verdict answer) = 0;
  /// Resets both sides; `ended` follows with `why`. A joined circuit that has just drained ends as done.
  virtual void close(circuit_id circuit, failure why) = 0;
};

} // namespace hublink
