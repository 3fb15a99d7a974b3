#pragma once
/// The network as its users write it: the topology file as values. What each field means and its defaults:
/// docs/reference/topology.md.
#include "actors/definition/definition.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hublink {

/// Bytes of a topology's file.
constexpr std::size_t longest_topology = 64 << 20;

/// One thing wrong with a topology: where, what, and what would fix it.
struct problem {
  std::string
      path; ///< `nodes.ServerA.segment`, `transfers.FILE01.to[1]`; `line 3, column 7` of what is no JSON
  std::string message;

  bool operator==(const problem&) const = default;
};
using problems = std::vector<problem>;
/// `path: message`, one line.
std::string to_string(const problem& what);
/// Foreign text as part of a problem: short, printable, one line.
std::string shown(std::string_view text);

struct topology_route {
  ip_network network;
  std::string via;
  int priority = 0;
};

struct topology_neighbour {
  std::optional<int> cost; ///< none: what the other side says, else 1
  std::optional<std::string> congestion;
};

/// What could not be read is left empty (and reported).
struct topology_node {
  std::optional<hublink::role> role;
  std::optional<dial_address> address;            ///< where others dial it
  endpoints listen;                               ///< where it listens; none: at `address`
  std::vector<ip_address> bind;                   ///< where its own dials come from
  std::string home;                               ///< clients and managers
  bool dials_out = false;                         ///< clients and managers
  std::map<std::string, std::string> proxies;     ///< clients: remote host → server to dial
  std::optional<std::vector<std::string>> guests; ///< servers: clients of others that may dial it; none: all
  std::vector<ip_network> segments;               ///< servers
  line_settings home_line;                        ///< clients and managers
  std::map<std::string, topology_neighbour> neighbours;     ///< servers
  std::vector<topology_route> routes;                       ///< servers
  std::optional<std::string> default_route;                 ///< servers
  std::vector<ip_network> managers_from;                    ///< servers; empty: from everywhere
  std::map<std::string, std::optional<dial_address>> hosts; ///< overrides of the other nodes' addresses
  bool system_resolver = false;
  proxy_definition proxy; ///< servers; without the gateways
  node_limits limits;
};

enum class placing : std::uint8_t {
  automatic, ///< the system finds the way
  manual,    ///< `via` and `broadcast_at` say it
  direct,    ///< without a server
};

std::string_view to_string(placing value);

struct topology_transfer {
  std::string from;
  std::vector<std::string> to;
  placing placement = placing::automatic;
  std::vector<std::string> via;            ///< manual: servers, in order
  std::optional<std::string> broadcast_at; ///< manual: the server where one stream becomes many
  std::optional<std::string> send_path, receive_path;
  std::map<std::string, std::string> receive_paths; ///< of single receivers
  transfer_policy policy;
  std::vector<std::size_t> to_entry; ///< of each in `to`: its place in the file, before groups were put in

  std::string path_at_sender(const std::string& file) const { return send_path.value_or("out/" + file); }
  std::string path_at(const std::string& receiver, const std::string& file) const;
};

struct topology_gateway {
  bool udp = false;
  std::string calling, called;
  std::optional<endpoint> listen;
  std::optional<dial_address> deliver;
  std::optional<int> reply_timeout_s;                    ///< UDP; 0: no reply is awaited
  bool replies_extend = false;                           ///< UDP
  reply_source replies_from = reply_source::destination; ///< UDP
  std::optional<int> keep_alive_s, half_closed_s;        ///< TCP
  bool keep_link = true;                                 ///< `"link": "always"`; else `"on-use"`
};

struct topology {
  std::string network;
  std::map<std::string, topology_node> nodes;
  std::map<std::string, topology_transfer> transfers; ///< by file ID
  std::map<std::string, topology_gateway> gateways;
  std::map<std::string, std::vector<std::string>> groups; ///< of clients

  const topology_node* find(const std::string& name) const;
  bool is_server(const std::string& name) const;
  /// The server that a client dials for transfers with those hosts: one that its `proxies` names for all of
  /// them, else its home.
  std::string dialled_by(const std::string& client, const std::vector<std::string>& hosts) const;
};

struct parsed_topology {
  topology value; ///< as far as it could be read
  hublink::problems problems;
};

/// Reads JSON text: types, ranges, names of fields. What one field means for another: `check_topology`. Never
/// throws.
parsed_topology parse_topology(std::string_view text);

/// 1 to 64 letters, digits, `.`, `_`, `-`, the first a letter or digit: names become certificate and
/// directory names.
bool is_name(std::string_view text);

} // namespace hublink
