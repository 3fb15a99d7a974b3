#include "node/topology/node_reader.hpp"
#include "node/topology/shared_fields.hpp"

namespace hublink {

namespace {

void read_routes(json_fields& fields, problems& found, topology_node& node) {
  each_entry(fields, "routes", found, [&](json_fields& row) {
    auto network = read_network(row, "network");
    auto via = row.name("via");
    auto priority = row.number("priority", 0, most_cost).value_or(0);
    row.require("network", "name the network that the route is for");
    row.require("via", "name the server to go by");
    if (network && via) node.routes.push_back({*network, *via, priority});
  });
}

void read_neighbours(json_fields& fields, topology_node& node) {
  fields.object("neighbours", [&](json_fields& rows) {
    rows.each_name([&](const auto& name, const nlohmann::json& written, const auto&) {
      auto& row = node.neighbours[name];
      if (!written.is_object()) row.cost = rows.number(name, 1, most_cost);
      if (!written.is_object()) return;
      rows.object(name, [&](json_fields& line) {
        row.cost = line.number("cost", 1, most_cost);
        row.congestion = read_congestion(line);
      });
    });
  });
}

void read_hosts(json_fields& fields, topology_node& node) {
  fields.object("hosts", [&](json_fields& rows) {
    rows.each_name([&](const auto& name, const nlohmann::json&, const auto&) {
      node.hosts[name] = read_host(rows, name);
    });
  });
}

/// A field of another role would be silently without effect.
void refuse(json_fields& fields, std::initializer_list<const char*> keys, const char* whose) {
  for (const auto* key : keys)
    if (fields.get(key)) fields.note(key, std::string{"is only for "} + whose + "; remove it");
}

void read_address(json_fields& fields, topology_node& node) {
  node.address = read_dial_address(fields, "address");
  node.listen = read_listens(fields);
  node.bind = read_bind(fields);
  fields.require("address",
                 node.listen.empty()
                     ? "write the address and port that others reach"
                     : "listen says where it listens; write the address and port that others reach");
}

void read_resolver(json_fields& fields, bool by_system, topology_node& node) {
  const auto own = fields.choice<bool>("resolver", {{"system", true}, {"hosts", false}});
  node.system_resolver = own.value_or(by_system);
  if (!node.system_resolver || node.hosts.empty()) return;
  fields.note("hosts", own ? "has no effect beside \"resolver\": \"system\"; remove one of them"
                           : "has no effect beside \"resolver\": \"system\" of the file; remove it, or write "
                             "\"resolver\": \"hosts\" here");
}

} // namespace

topology_node read_node(const nlohmann::json& value, const std::string& path, bool by_system,
                        problems& found) {
  topology_node node;
  json_fields fields{value, path, found};
  if (!value.is_object()) return node;
  node.role = fields.choice<role>(
      "role", {{"manager", role::manager}, {"server", role::server}, {"client", role::client}});
  read_address(fields, node);
  node.home = fields.name("home").value_or("");
  fields.object("home_line", [&](json_fields& line) {
    if (auto congestion = read_congestion(line)) node.home_line.congestion = *congestion;
  });
  node.dials_out = fields.choice<bool>("dial", {{"out", true}}).value_or(false);
  node.segments = read_networks(fields, "segment");
  node.default_route = fields.name("default_route");
  read_neighbours(fields, node);
  read_routes(fields, found, node);
  read_hosts(fields, node);
  fields.object("proxies", [&](json_fields& rows) {
    rows.each_name([&](const auto& host, const nlohmann::json&, const auto&) {
      if (auto server = rows.name(host)) node.proxies[host] = *server;
    });
  });
  if (fields.get("guests")) node.guests = fields.name_list("guests");
  read_limits(fields, node.limits);
  fields.object("proxy", [&](json_fields& proxy) { read_proxy(proxy, node.proxy); });
  node.managers_from = read_managers_from(fields);
  fields.require("role", "write \"manager\", \"server\" or \"client\"");
  read_resolver(fields, by_system, node);
  if (node.role == role::server) refuse(fields, {"home", "home_line", "dial"}, "clients and managers");
  if (node.role && node.role != role::client) refuse(fields, {"proxies"}, "clients");
  if (node.role && node.role != role::server) {
    refuse(fields, {"segment", "neighbours", "routes", "default_route", "managers_from", "guests", "proxy"},
           "servers");
    fields.require("home", "name the server that it is registered with");
  }
  fields.finish();
  return node;
}

} // namespace hublink
