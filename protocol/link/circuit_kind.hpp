#pragma once
/// The kinds of circuits, and all that the nodes on their way know of them: one row a kind. What runs inside
/// a circuit is its two ends' business.
#include "protocol/base/role.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace hublink {

enum class circuit_kind : std::uint8_t { transfer, request, management, gateway, ping, rate };
std::string_view to_string(circuit_kind value); ///< on the wire and in events
std::optional<circuit_kind> circuit_kind_from_string(std::string_view name);

/// The field of an `open` that has the names which the next hop is told.
enum class told_as : std::uint8_t { destination, source };

/// What may be asked between a server and a node that is registered with it.
enum class permission : std::uint8_t {
  never,
  always,
  own_node,      ///< what names no other node: it ends at the one that is asked
  sent_file,     ///< a file that the registered node sends, to where its definition says
  received_file, ///< a file that the registered node receives
};

/// By the role of the registered node.
struct permissions {
  permission client = permission::never, manager = permission::never;

  constexpr permission of(role registered) const {
    return registered == role::client ? client : registered == role::manager ? manager : permission::never;
  }
};

class role_set {
 public:
  constexpr role_set(std::initializer_list<role> roles) {
    for (auto each : roles) bits_ |= bit(each);
  }
  constexpr bool contains(role value) const { return (bits_ & bit(value)) != 0; }

 private:
  static constexpr unsigned bit(role value) { return 1u << static_cast<unsigned>(value); }
  unsigned bits_ = 0;
};

/// Neighbouring servers may ask each other for every kind.
struct circuit_traits {
  circuit_kind kind;
  std::string_view name;
  /// A server that is told no name, or its own, goes on by its definition of the file; without this, the
  /// circuit ends there.
  bool follows_file = false;
  told_as tells = told_as::destination; ///< with `source` a file's definition leads back to its sender
  permissions home_is_asked{};          ///< by a node that is registered with it
  permissions home_asks{};              ///< of a node that is registered with it
  role_set ends_at;                     ///< where an actor serves it
  bool may_part = false;                ///< leads to several ends; stores and broadcast points act on it
  bool by_proxy = false;                ///< a client dials whom its `proxies` name for the other end
  bool times_hops = false;              ///< every node on the way adds its time to the answer
  bool stops_at_each = false;           ///< ends at every node on the way, which goes on by one of its own
  bool is_work = true;       ///< a node that is drained takes no new one, and waits for the end of others
  bool shortest_way = false; ///< towards a server: the way of least cost, no route of its own, no second one
};

/// In the order of `circuit_kind`.
inline constexpr std::array circuit_kinds{
    circuit_traits{.kind = circuit_kind::transfer,
                   .name = "transfer",
                   .follows_file = true,
                   .home_is_asked = {.client = permission::sent_file},
                   .home_asks = {permission::received_file, permission::received_file},
                   .ends_at = {role::client},
                   .may_part = true},
    circuit_traits{.kind = circuit_kind::request,
                   .name = "request",
                   .follows_file = true,
                   .tells = told_as::source,
                   .home_is_asked = {.client = permission::received_file},
                   .home_asks = {permission::sent_file, permission::sent_file},
                   .ends_at = {role::client}},
    // A client asks for its own definition. Who comes to it over its home shows in the TLS handshake.
    circuit_traits{.kind = circuit_kind::management,
                   .name = "management",
                   .home_is_asked = {.client = permission::own_node, .manager = permission::always},
                   .home_asks = {.client = permission::always, .manager = permission::own_node},
                   .ends_at = {role::manager, role::server, role::client},
                   .is_work = false,
                   .shortest_way = true},
    circuit_traits{.kind = circuit_kind::gateway, .name = "gateway", .ends_at = {role::server}},
    circuit_traits{.kind = circuit_kind::ping,
                   .name = "ping",
                   .home_is_asked = {permission::always, permission::always},
                   .home_asks = {permission::always, permission::always},
                   .ends_at = {role::manager, role::server, role::client},
                   .by_proxy = true,
                   .times_hops = true},
    circuit_traits{.kind = circuit_kind::rate,
                   .name = "rate",
                   .home_is_asked = {permission::always, permission::always},
                   .home_asks = {permission::always, permission::always},
                   .ends_at = {role::manager, role::server, role::client},
                   .by_proxy = true,
                   .stops_at_each = true},
};

/// Whether a table has a row for each kind, in their order.
constexpr bool has_all_kinds(const auto& rows) {
  return std::ranges::equal(
      rows, circuit_kinds, {}, [](const auto& row) { return row.kind; },
      [](const auto& row) { return row.kind; });
}

constexpr const circuit_traits& traits_of(circuit_kind kind) {
  return circuit_kinds.at(static_cast<std::size_t>(kind));
}

} // namespace hublink
