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
  fields.object("neighbours", [&](json_fields& costs) {
    costs.each_name([&](const auto& name, const nlohmann::json&, const auto&) {
      node.neighbours[name] = costs.number(name, 1, most_cost);
    });
  });
}

void read_hosts(json_fields& fields, topology_node& node) {
  fields.object("hosts", [&](json_fields& rows) {
    rows.each_name([&](const auto& name, const nlohmann::json&, const auto&) {
      node.hosts[name] = rows.value<ip_address>(name, "IP address such as 127.1.2.12");
    });
  });
}

/// A field of another role would be silently without effect.
void refuse(json_fields& fields, std::initializer_list<const char*> keys, const char* whose) {
  for (const auto* key : keys)
    if (fields.get(key)) fields.note(key, std::string{"is only for "} + whose + "; remove it");
}

} // namespace

topology_node read_node(const nlohmann::json& value, const std::string& path, problems& found) {
  topology_node node;
  json_fields fields{value, path, found};
  if (!value.is_object()) return node;
  node.role = fields.choice<role>(
      "role", {{"manager", role::manager}, {"server", role::server}, {"client", role::client}});
  node.address = read_endpoint(fields, "address");
  node.home = fields.name("home").value_or("");
  node.dials_out = fields.choice<bool>("dial", {{"out", true}}).value_or(false);
  node.segment = read_network(fields, "segment");
  node.default_route = fields.name("default_route");
  node.system_resolver = fields.choice<bool>("resolver", {{"system", true}}).value_or(false);
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
  fields.require("address", "write the address and port that others reach");
  if (node.role == role::server) refuse(fields, {"home", "dial"}, "clients and managers");
  if (node.role && node.role != role::client) refuse(fields, {"proxies"}, "clients");
  if (node.role && node.role != role::server) {
    refuse(fields, {"segment", "neighbours", "routes", "default_route", "managers_from", "guests", "proxy"},
           "servers");
    fields.require("home", "name the server that it is registered with");
  }
  if (node.system_resolver && !node.hosts.empty())
    fields.note("hosts", "has no effect beside \"resolver\": \"system\"; remove one of them");
  fields.finish();
  return node;
}

} // namespace hublink
