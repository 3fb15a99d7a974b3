#pragma once
/// The rules of the next hop (architecture: "The next hop"), pure. Two steps, because host names may have to
/// be looked up in between: `find_targets` says what is looked for, `find_hops` turns it and its address into
/// the hops to try.
#include "actors/routing/host_entry.hpp"
#include "protocol/link/link_message.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hublink {

enum class chosen_by : std::uint8_t { registered, definition, route, neighbour, default_route };
std::string_view to_string(chosen_by value); ///< as in the `next` event

/// The names that an `open` tells: its destinations or, of a kind that tells it, its source.
std::vector<std::string> told_names(const open& request);
/// Tells these instead; of a source, the first.
void tell_names(open& onward, std::vector<std::string> hosts);

/// One branch of what comes next: this host or server, for these destinations.
struct target {
  std::string host;                ///< a client, a named server, or a foreign host
  bool needs_address = false;      ///< the rules go by it: resolve the host, then `find_hops`
  bool is_source = false;          ///< the host is told as source
  bool shortest_way = false;       ///< to a server, as its circuit's kind says
  std::vector<std::string> tell{}; ///< at a client or manager: what the node that it dials is told
};

/// Whether the definition has ways to a server of that name, whatever its address.
bool knows_server(const definition& self, const std::string& name);

/// What is looked for, and whether its address must be. Several targets: this server is the broadcast point.
/// None: the circuit ends at this node, as only kinds do that follow no file. At the client or manager where
/// a circuit begins: whom it dials. Fails with `unknown_file`, `no_route`, `loop`, `not_authorised` (`only`
/// names nobody of the broadcast).
outcome<std::vector<target>> find_targets(const definition& self, const open& request);

/// One hop to try. `tell`: the names that its `open` tells.
struct next_hop {
  std::string host;                  ///< what was looked for
  std::optional<ip_address> address; ///< what it resolved to
  std::string hop;                   ///< the neighbour or client to ask
  chosen_by by = chosen_by::route;
  std::vector<std::string> tell;
};

/// The hops for one target, best first, each once; `address` where `needs_address`. A server that is known by
/// name has its ways without one, too. Fails with `no_route` (naming host, address and the tables searched)
/// or `not_registered`.
outcome<std::vector<next_hop>> find_hops(const definition& self, const target& wanted,
                                         const std::optional<ip_address>& address);
/// The same for a host with several addresses: the hops for each of them in turn.
outcome<std::vector<next_hop>> find_all_hops(const definition& self, const target& wanted,
                                             const std::vector<ip_address>& addresses);
/// Whether a route leads to that host by its name alone.
bool has_named_route(const definition& self, const std::string& host);

/// A target and the hops that lead there.
struct way {
  target wanted;
  /// Nothing: the system resolver has to be asked for its address first.
  std::optional<outcome<std::vector<next_hop>>> hops{};
};
/// `find_targets`, and the hops of each as far as the own tables and host definitions say. For all roles. A
/// foreign host that the own definition does not name is `no_route`: nobody is asked for a name of a
/// stranger's choice.
outcome<std::vector<way>> find_ways(const definition& self, const open& request);

} // namespace hublink
