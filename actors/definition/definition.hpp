#pragma once
/// What one node knows of the network: its own definition, made by the compiler (node/topology/compiler) from
/// the topology. Plain values; shared as `definition_ptr` and never changed once made.
#include "actors/definition/transfer_policy.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/dial_address.hpp"
#include "protocol/base/role.hpp"
#include "protocol/gateway/reply_source.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hublink {

/// How this node treats what it sends over the line to one neighbour.
struct line_settings {
  static constexpr const char* automatic = "auto"; ///< as measuring that line says
  static constexpr const char* system = "system";  ///< as the system treats any connection
  /// One of these two, or the kernel's name of a congestion control.
  std::string congestion = automatic;

  bool operator==(const line_settings&) const = default;
};

/// A server next to this one. `segments` serve the "neighbours" rule of the next hop.
struct neighbour {
  std::string name;
  dial_address address;
  std::vector<ip_network> segments;
  int cost = 1;
  line_settings line{};
};

/// A client (or manager) whose home server this node is.
struct registered_client {
  std::string name;
  hublink::role role = role::client;
  dial_address address;
  bool dials_out = false; ///< `"dial": "out"`: can't be dialled, keeps its link and is asked over it
  line_settings line{};
};

/// Whom a client dials beside its home server: a server, for transfers with some hosts (`proxies`), or a
/// client with which it has direct transfers.
struct dialled_node {
  std::string name;
  hublink::role role = role::server;
  dial_address address;
};

/// A row of the routes table, for a network or for one host by its name. `via` is a server's name, not
/// necessarily a neighbour.
struct network_route {
  ip_network network;
  std::string via;
  int priority = 0; ///< lower first
  bool explicit_route = false;
  std::string host{}; ///< a host whose address only a look-up tells; empty: `network` counts
};

/// What a server knows of a file ID.
struct transfer_definition {
  std::string file;
  std::vector<std::string> next; ///< hosts, or one server; empty: nothing beyond the sender is known here
  std::string sender; ///< the registered client, or guest, that sends this file; empty if none does here
  std::vector<std::string> receivers; ///< registered clients and guests that receive it: they may request it
  /// At the server that the sender dials, of a broadcast that the system placed: the receivers, for when the
  /// point that `next` names can't be had.
  std::vector<std::string> instead{};
  transfer_policy policy{}; ///< of the server where the last stretches begin
};

/// What a client knows of a file ID that it sends.
struct send_definition {
  std::string file, path;
  std::optional<std::string> destination; ///< told to the server that is dialled
  std::vector<std::string> recipients;    ///< never told; who may read
  bool through_store = false;             ///< there is a broadcast point, for a single receiver too
  std::string dials{};                    ///< a server, or the receiver itself; empty: the home server
  transfer_policy policy{};
};

/// Goes through a broadcast point: sealed for all recipients beforehand.
inline bool is_sealed_for_all(const send_definition& send) {
  return send.recipients.size() > 1 || send.through_store;
}

/// What a client knows of a file ID that it receives.
struct receive_definition {
  std::string file, path;
  std::string source;  ///< the only sender accepted
  std::string dials{}; ///< to request it: as in `send_definition`, or the source itself
  transfer_policy policy{};
};

struct node_limits {
  int transfers = 16;                        ///< sends at once; more are queued
  int circuits = 1024;                       ///< per neighbour, at once
  int pending_opens = 256;                   ///< per neighbour, not answered yet
  int connections = 512;                     ///< not yet authenticated, in all
  int handshakes = 500;                      ///< begun with those, a second
  int links = 4;                             ///< that one neighbour made; a new one takes the oldest's place
  int messages = 2000;                       ///< of one client or manager, a second
  int sessions = 256;                        ///< of management, in all
  std::uint64_t rate = 0;                    ///< bytes per second of all sends together; 0: no limit
  std::uint64_t checkpoint_bytes = 64 << 20; ///< received at most between two checkpoints
  int checkpoint_ms = 1000;                  ///< and at most so much time, ms
  int stall_s = 30;                          ///< no byte moved for so many seconds: the attempt ends
  int work_s = 900;                          ///< a disk may be at one thing for so many seconds
  int keep_days = 30;                        ///< finished transfers in the journal
  int keep_partial_days = 7;                 ///< partial files and spools that nobody continues
  std::uint64_t spool_bytes = std::uint64_t(10) << 30; ///< of all broadcasts together
};

/// What a manager knows of the network that it steers: names alone, the hops decide the way.
struct network_directory {
  std::vector<std::string> servers;
  std::map<std::string, std::string> homes;   ///< client → home server
  std::map<std::string, std::string> senders; ///< file ID → client
};

/// `10.2.0.0/16:5432`, `127.1.2.50:8000-8100`: where a called gateway may connect for an application.
struct proxy_rule {
  ip_network network;
  std::uint16_t first_port = 0, last_port = 0;

  static std::optional<proxy_rule> parse(std::string_view text);
};
std::string to_string(const proxy_rule& rule);

/// An application that is carried from a listener at one server to a destination at another one.
struct gateway_definition {
  std::string name;
  bool udp = false;
  std::string calling, called; ///< servers
  endpoint listen;
  dial_address deliver;
  int reply_timeout_s = 5; ///< UDP; 0: no reply is awaited
  bool replies_extend = false;
  reply_source replies_from = reply_source::destination;
  std::optional<int> keep_alive_s, half_closed_s; ///< TCP; else the server's own
};

/// A server's part in the proxy function. Off unless the topology turns it on.
struct proxy_definition {
  bool enabled = false;
  std::vector<gateway_definition> gateways; ///< of which this node is calling or called
  std::vector<std::string> kept;            ///< peers to which this node, as calling one, keeps a link
  std::vector<proxy_rule> allow;            ///< as called one: destinations that an application names itself
  std::optional<endpoint> socks;            ///< SOCKS5 listener
  std::optional<endpoint> redirect;         ///< listener for connections that nftables redirects
  std::string called;                       ///< the gateway for destinations in no server's segment
  /// Silence before a probe: on a gateway link, and on the applications' connections.
  std::optional<int> keep_alive_s;
  std::optional<int> half_closed_s; ///< of applications' connections; 0: for ever
  int idle_s = 60;                  ///< an unused link that is not kept is closed
  int connect_s = 10;               ///< a destination's time to answer
  int history_s = 600;              ///< how long streams that ended are listed
  int streams = 16'384;             ///< that one peer may have open here
  int flows = 16'384;               ///< of datagrams, in all
};

struct definition {
  std::string network, node;
  hublink::role role = role::client;
  dial_address address;                       ///< where others dial it
  endpoints listen{};                         ///< where it listens; none: at `address`
  std::vector<ip_address> bind{};             ///< where its own dials come from; none: as the system chooses
  std::vector<ip_network> segments;           ///< servers
  std::string home;                           ///< clients and managers: the proxy server
  dial_address home_address;                  ///< proxy server name's address and port
  line_settings home_line{};                  ///< clients and managers: to the proxy server
  bool dials_out = false;                     ///< clients: keeps the link to its home
  std::vector<dialled_node> dialled;          ///< clients: by name
  std::map<std::string, std::string> proxies; ///< clients: remote host → server to dial, not the home
  std::vector<neighbour> neighbours;          ///< servers
  std::vector<registered_client> clients;     ///< servers
  std::vector<std::string> guests;   ///< servers: clients of others that may dial this one for transfers
  std::vector<network_route> routes; ///< servers: explicit and derived
  std::map<std::string, std::string> name_routes; ///< servers: far server → neighbour to go by
  /// Servers: far server → further neighbours to go by where that one fails, best first.
  std::map<std::string, std::vector<std::string>> other_ways;
  std::optional<std::string> default_route; ///< servers: a server's name
  /// The nodes of the network that it may be asked for, with its own host definitions; with
  /// `system_resolver` the names alone count. A port of its own counts before that of the other tables.
  std::map<std::string, dial_address> hosts;
  bool system_resolver = false;                         ///< host names are asked of the system alone
  std::map<std::string, transfer_definition> transfers; ///< servers, by file ID
  std::map<std::string, send_definition> sends;         ///< clients
  std::map<std::string, receive_definition> receives;   ///< clients
  std::map<std::string, bytes> certificates; ///< clients: DER, of their broadcasts' recipients; not checked
  node_limits limits;
  network_directory directory;           ///< managers
  std::vector<ip_network> managers_from; ///< servers: where managers may be; empty: anywhere
  proxy_definition proxy;                ///< servers

  /// Where it listens, as far as the definition alone says.
  endpoints own_listens() const;
  const neighbour* find_neighbour(const std::string& name) const;
  const registered_client* find_client(const std::string& name) const;
  const dialled_node* find_dialled(const std::string& name) const;
  /// How the line to that node is treated; of one that is no neighbour, as if nothing was said.
  line_settings line_to(const std::string& name) const;
};

/// Is `name` one of `names`?
bool contains(const std::vector<std::string>& names, const std::string& name);
/// Is the address in one of them?
bool contains(const std::vector<ip_network>& networks, const ip_address& address);

using definition_ptr = std::shared_ptr<const definition>;

/// That definition of a node that listens there, whatever it says of that: it counts from a start on.
definition_ptr listening_at(const definition_ptr& self, const endpoints& places);

} // namespace hublink
