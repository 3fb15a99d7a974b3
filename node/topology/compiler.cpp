#include "node/topology/compiler.hpp"

#include "node/topology/broadcast_point.hpp"
#include "node/topology/gateway_reader.hpp"
#include "node/topology/transfer_policy_json.hpp"

#include <algorithm>
#include <mutex>
#include <set>

namespace hublink {

/// How one transfer is placed.
struct placement {
  std::string entry;                ///< the server that the sender dials: its home server, or a proxy
  std::vector<std::string> servers; ///< named on the way, in order, without that one: `via`, broadcast point
  std::optional<std::string> destination; ///< told to that one
};

namespace {

/// Of one server's further neighbours towards another. With so many, one or two stopped servers leave some.
constexpr std::size_t most_other_ways = 8;

/// Auto placement tells the receiver or the broadcast point; manual placement is the servers' knowledge
/// alone.
placement place(const topology& net, const network_graph& graph, const topology_transfer& transfer) {
  placement result;
  result.servers = transfer.via;
  auto& servers = result.servers;
  if (transfer.broadcast_at && (servers.empty() || servers.back() != *transfer.broadcast_at))
    servers.push_back(*transfer.broadcast_at);
  if (auto choice = choose_broadcast_point(net, graph, transfer)) servers = {choice->point()};
  result.entry = net.dialled_by(transfer.from, transfer.to);
  if (transfer.placement == placing::automatic && !transfer.to.empty())
    result.destination = servers.empty() ? transfer.to.front() : servers.front();
  if (!servers.empty() && servers.front() == result.entry) servers.erase(servers.begin());
  return result;
}

} // namespace

/// What every definition of a network is made from.
struct compilation {
  explicit compilation(const topology& whole) : net(whole), graph(whole) {
    for (const auto& row : net.transfers) {
      const auto& [file, transfer] = row;
      const auto& placed = placements.emplace(file, place(net, graph, transfer)).first->second;
      std::set<std::string> nodes{placed.servers.begin(), placed.servers.end()};
      auto add_client = [&](const std::string& client) {
        nodes.insert(client);
        if (auto* node = net.find(client)) nodes.insert(node->home);
      };
      add_client(transfer.from);
      nodes.insert(placed.entry);
      for (const auto& receiver : transfer.to) {
        add_client(receiver);
        nodes.insert(net.dialled_by(receiver, {transfer.from}));
      }
      for (const auto& node : nodes) transfers_of[node].push_back(&row);
    }
  }

  const topology& net;
  network_graph graph;
  std::map<std::string, placement> placements; ///< by file ID
  /// What each node may have to do with, by file ID.
  std::map<std::string, std::vector<const std::pair<const std::string, topology_transfer>*>> transfers_of;
};

namespace {

/// One node's definition in the making. Addresses of a checked topology are there.
class definition_maker {
 public:
  definition_maker(const compilation& whole, const std::string& name)
      : whole_(whole), net_(whole.net), graph_(whole.graph), placements_(whole.placements), name_(name),
        node_(*net_.find(name)) {}

  definition make() {
    made_.network = net_.network;
    made_.node = name_;
    made_.role = node_.role.value_or(role::client);
    made_.address = address_of(node_);
    made_.listen = node_.listen;
    made_.bind = node_.bind;
    made_.limits = node_.limits;
    made_.system_resolver = node_.system_resolver;
    add_hosts();
    if (made_.role == role::server) {
      add_server_tables();
      add_proxy();
    } else
      add_home();
    if (made_.role == role::manager) add_directory();
    if (auto of_it = whole_.transfers_of.find(name_); of_it != whole_.transfers_of.end())
      for (const auto* row : of_it->second) {
        if (made_.role == role::server)
          add_at_server(row->first, row->second);
        else
          add_at_client(row->first, row->second);
      }
    return std::move(made_);
  }

 private:
  static dial_address address_of(const topology_node& node) { return node.address.value_or(dial_address{}); }
  static dial_address without_port(dial_address where) {
    where.port = 0;
    return where;
  }
  std::string home_of(const std::string& client) const {
    auto* node = net_.find(client);
    return node ? node->home : "";
  }

  /// A server may be asked for every node, others dial their home. With the system's resolver the names alone
  /// count, for which a server may ask it.
  void add_hosts() {
    if (node_.system_resolver && made_.role != role::server) return;
    if (made_.role != role::server) add_host(node_.home);
    for (const auto& [name, other] : net_.nodes)
      if (made_.role == role::server && name != name_) add_host(name);
    for (const auto& [name, address] : node_.hosts) add_host(name);
  }

  void add_host(const std::string& name) {
    auto own = node_.hosts.find(name);
    auto* other = net_.find(name);
    if (own != node_.hosts.end() && own->second)
      made_.hosts[name] = *own->second;
    else if (other && other->address)
      made_.hosts[name] = without_port(*other->address);
  }

  void add_home() {
    made_.home = node_.home;
    made_.home_line = node_.home_line;
    made_.dials_out = node_.dials_out;
    if (auto* home = net_.find(node_.home)) made_.home_address = address_of(*home);
    if (auto own = node_.hosts.find(node_.home); own != node_.hosts.end() && own->second) {
      const auto port = own->second->port == 0 ? made_.home_address.port : own->second->port;
      made_.home_address = *own->second;
      made_.home_address.port = port;
    }
    made_.proxies = node_.proxies;
    std::erase_if(made_.proxies, [&](const auto& each) { return each.second == node_.home; });
    std::map<std::string, role> dialled;
    for (const auto& [host, server] : made_.proxies) dialled.emplace(server, role::server);
    for (const auto& [file, transfer] : net_.transfers) {
      if (transfer.placement != placing::direct || transfer.to.empty()) continue;
      if (transfer.from == name_) dialled.emplace(transfer.to.front(), role::client);
      if (transfer.to.front() == name_) dialled.emplace(transfer.from, role::client);
    }
    for (const auto& [name, holder] : dialled)
      if (auto* node = net_.find(name)) made_.dialled.push_back({name, holder, address_of(*node)});
  }

  void add_directory() {
    auto& known = made_.directory;
    for (const auto& [name, other] : net_.nodes) {
      if (other.role == role::server) known.servers.push_back(name);
      if (other.role == role::client) known.homes[name] = other.home;
    }
    for (const auto& [file, transfer] : net_.transfers) known.senders[file] = transfer.from;
  }

  void add_server_tables() {
    made_.segments = node_.segments;
    made_.default_route = node_.default_route;
    made_.managers_from = node_.managers_from;
    if (auto links = graph_.links().find(name_); links != graph_.links().end())
      for (const auto& [other, cost] : links->second) add_neighbour(other, cost);
    for (const auto& [name, other] : net_.nodes)
      if (other.role && other.role != role::server && other.home == name_) add_client(name, other);
    for (const auto& [name, links] : graph_.links())
      if (auto hop = graph_.next_hop(name_, name)) made_.name_routes[name] = *hop;
    for (const auto& [name, other] : net_.nodes)
      if (is_guest(other)) made_.guests.push_back(name);
    made_.other_ways = graph_.other_hops(name_, most_other_ways);
    add_routes();
  }

  /// One that dials this server for some transfers, though another one is its home.
  bool is_guest(const topology_node& node) const {
    return node.home != name_ && std::any_of(node.proxies.begin(), node.proxies.end(),
                                             [&](const auto& each) { return each.second == name_; });
  }

  void add_neighbour(const std::string& name, int cost) {
    const auto& node = *net_.find(name);
    neighbour row;
    row.name = name;
    row.address = address_of(node);
    row.segments = node.segments;
    row.cost = cost;
    for (const auto& [here, there] : {std::pair{&node_, name}, std::pair{&node, name_}})
      if (auto said = here->neighbours.find(there); said != here->neighbours.end() && said->second.congestion)
        row.line.congestion = *said->second.congestion;
    made_.neighbours.push_back(std::move(row));
  }

  void add_client(const std::string& name, const topology_node& node) {
    registered_client row;
    row.name = name;
    row.role = *node.role;
    row.address = address_of(node);
    row.dials_out = node.dials_out;
    row.line = node.home_line;
    made_.clients.push_back(std::move(row));
  }

  void add_derived_route(const ip_network& network, const std::string& via) {
    network_route row;
    row.network = network;
    row.via = via;
    made_.routes.push_back(std::move(row));
  }

  void add_named_route(const std::string& host, const std::string& via) {
    network_route row;
    row.host = host;
    row.via = via;
    made_.routes.push_back(std::move(row));
  }

  /// The server's own routes, then one for each other server's segment, for each client outside its home's
  /// and for each whose address is a name.
  void add_routes() {
    for (const auto& own : node_.routes) {
      network_route row;
      row.network = own.network;
      row.via = own.via;
      row.priority = own.priority;
      row.explicit_route = true;
      made_.routes.push_back(std::move(row));
    }
    for (const auto& [name, hop] : made_.name_routes)
      for (const auto& segment : net_.find(name)->segments) add_derived_route(segment, name);
    for (const auto& [name, other] : net_.nodes) {
      auto* home = net_.find(other.home);
      if (!home || !other.address || !made_.name_routes.count(other.home)) continue;
      const auto address = other.address->known_address();
      if (!address) add_named_route(name, other.home);
      if (!address || contains(home->segments, *address)) continue;
      add_derived_route(ip_network{*address, address->width()}, other.home);
    }
  }

  void add_proxy() {
    auto& proxy = made_.proxy;
    proxy = node_.proxy;
    for (const auto& [name, gateway] : net_.gateways) {
      if (gateway.calling != name_ && gateway.called != name_) continue;
      proxy.gateways.push_back(gateway_of(name, gateway));
      bool has_link = gateway.calling == name_ && gateway.called != name_;
      if (has_link && gateway.keep_link && !contains(proxy.kept, gateway.called))
        proxy.kept.push_back(gateway.called);
    }
  }

  void add_at_server(const std::string& file, const topology_transfer& transfer) {
    transfer_definition known;
    known.file = file;
    const auto& way = placements_.at(file).servers;
    const auto& entry = placements_.at(file).entry;
    if (transfer.placement == placing::direct) return;
    if (entry == name_ || home_of(transfer.from) == name_) known.sender = transfer.from;
    if (entry == name_) {
      known.next = way.empty() ? transfer.to : std::vector{way.front()};
      const bool placed = transfer.placement == placing::automatic;
      if (!way.empty() && placed && transfer.to.size() > 1) known.instead = transfer.to;
    } else if (auto here = std::find(way.begin(), way.end(), name_); here != way.end()) {
      known.next = here + 1 == way.end() ? transfer.to : std::vector{*(here + 1)};
    }
    if (known.next.empty() && !known.sender.empty()) known.next = {entry}; // who dials the wrong one
    if (known.next == transfer.to || !known.instead.empty())
      known.policy = policy_part(transfer.policy, policy_holder::store);
    std::copy_if(transfer.to.begin(), transfer.to.end(), std::back_inserter(known.receivers),
                 [&](const auto& receiver) {
                   return home_of(receiver) == name_ || net_.dialled_by(receiver, {transfer.from}) == name_;
                 });
    if (!known.next.empty() || !known.receivers.empty()) made_.transfers.emplace(file, std::move(known));
  }

  void add_at_client(const std::string& file, const topology_transfer& transfer) {
    if (transfer.from == name_) made_.sends[file] = send_of(file, transfer);
    if (contains(transfer.to, name_)) made_.receives[file] = receive_of(file, transfer);
  }

  send_definition send_of(const std::string& file, const topology_transfer& transfer) const {
    send_definition send;
    send.file = file;
    send.path = transfer.path_at_sender(file);
    send.destination = placements_.at(file).destination;
    send.recipients = transfer.to;
    send.through_store = transfer.policy.store != store_policy::never;
    send.policy = policy_part(transfer.policy, policy_holder::sender);
    if (transfer.policy.store == store_policy::always || transfer.policy.store == store_policy::only)
      send.policy.until_spooled = true;
    const auto& entry = placements_.at(file).entry;
    if (entry != node_.home) send.dials = entry;
    if (transfer.placement == placing::direct && !transfer.to.empty()) send.dials = transfer.to.front();
    return send;
  }

  receive_definition receive_of(const std::string& file, const topology_transfer& transfer) const {
    receive_definition receive;
    receive.file = file;
    receive.path = transfer.path_at(name_, file);
    receive.source = transfer.from;
    receive.policy = policy_part(transfer.policy, policy_holder::receiver);
    const auto dialled = net_.dialled_by(name_, {transfer.from});
    if (dialled != node_.home) receive.dials = dialled;
    if (transfer.placement == placing::direct) receive.dials = transfer.from;
    return receive;
  }

  const compilation& whole_;
  const topology& net_;
  const network_graph& graph_;
  const std::map<std::string, placement>& placements_;
  const std::string& name_;
  const topology_node& node_;
  definition made_;
};

} // namespace

definition compile(const topology& net, const std::string& node) {
  return net.find(node) ? definition_maker{compilation{net}, node}.make() : definition{};
}

struct network_compiler::whole {
  explicit whole(topology from) : net(std::move(from)), parts(net) {}

  topology net;
  compilation parts;
  mutable std::mutex lock; ///< the graph keeps the ways that it has found
};

network_compiler::network_compiler(topology net) : whole_(std::make_unique<whole>(std::move(net))) {}
network_compiler::~network_compiler() = default;
const topology& network_compiler::net() const { return whole_->net; }
definition network_compiler::compile(const std::string& node) const {
  std::lock_guard guard{whole_->lock};
  return net().find(node) ? definition_maker{whole_->parts, node}.make() : definition{};
}

std::map<std::string, definition> compile_all(const topology& net) {
  const compilation whole{net};
  std::map<std::string, definition> all;
  for (const auto& [name, node] : net.nodes) all.emplace(name, definition_maker{whole, name}.make());
  return all;
}

} // namespace hublink
