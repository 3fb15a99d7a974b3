#pragma once
/// What a node's own host definitions say of a host. Pure.
#include "actors/definition/definition.hpp"
#include "protocol/base/errors.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hublink {

/// What the system resolver said of names: addresses in the order in which they are tried.
using system_answers = std::map<std::string, outcome<std::vector<ip_address>>>;

/// A host's address, or the names by which the system is asked for it first.
struct host_entry {
  std::vector<std::string> ask;      ///< best first
  std::optional<ip_address> address; ///< counts where none of these is known
  std::uint16_t port = 0;            ///< of a neighbour, client or home server
};

/// With the system's resolver the host's own name comes first; then its row in `hosts`, or in the node's
/// other tables, which may be a DNS name.
host_entry entry_of(const definition& self, const std::string& host);

/// The same of a neighbour, client or home server; nothing if the name is none of these.
std::optional<host_entry> where_to_dial(const definition& self, const std::string& name);

/// What the system knows of it.
std::vector<ip_address> answered(const host_entry& entry, const system_answers& answers);
/// Where it is dialled, in that order; none: why is in `unresolved`.
endpoints addresses_to_dial(const host_entry& entry, const system_answers& answers);
/// `line_down`, with the name and the resolver.
failure unresolved(const definition& self, const std::string& host, const host_entry& entry,
                   const system_answers& answers);

} // namespace hublink
