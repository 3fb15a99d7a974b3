#include "node/topology/topology_json.hpp"

namespace hublink {

std::optional<endpoint> read_endpoint(json_fields& fields, const std::string& key) {
  auto where = fields.value<endpoint>(key, "address with port such as 127.1.1.1:40000 or [::1]:40000");
  if (!where) return {};
  const bool unspecified = where->address == ip_address{} || where->address == ip_address{{}, true};
  if (where->port == 0 || unspecified) {
    fields.note(key, to_string(*where) + " can't be dialled; write the address and port that others reach");
    return {};
  }
  return where;
}

std::optional<ip_network> read_network(json_fields& fields, const std::string& key) {
  return fields.value<ip_network>(key, "IP network such as 127.1.1.0/24 (host bits zero)");
}

void each_entry(json_fields& fields, const std::string& key, problems& found,
                const std::function<void(json_fields&)>& call) {
  auto* list = fields.get(key);
  if (!list) return;
  if (!list->is_array()) return fields.note(key, "must be a list: [{ ... }]");
  for (std::size_t i = 0; i < list->size(); ++i) {
    json_fields entry{(*list)[i], fields.path_of(key) + "[" + std::to_string(i) + "]", found};
    if (!(*list)[i].is_object()) continue;
    call(entry);
    entry.finish();
  }
}

void read_limits(json_fields& fields, node_limits& into) {
  constexpr int most = 1'000'000;
  constexpr std::uint64_t least_checkpoint = 64 << 10, most_checkpoint = std::uint64_t(1) << 40;
  fields.object("limits", [&](json_fields& limits) {
    auto read = [&](const char* key, int& value) { value = limits.number(key, 1, most).value_or(value); };
    read("transfers", into.transfers);
    read("circuits", into.circuits);
    read("pending_opens", into.pending_opens);
    read("connections", into.connections);
    read("stall_s", into.stall_s);
    read("keep_days", into.keep_days);
    read("keep_partial_days", into.keep_partial_days);
    into.rate = limits.byte_rate("rate").value_or(into.rate);
    into.checkpoint_bytes =
        limits.byte_amount("checkpoint", least_checkpoint, most_checkpoint).value_or(into.checkpoint_bytes);
    into.spool_bytes =
        limits.byte_amount("spool", least_checkpoint, std::uint64_t(1) << 60).value_or(into.spool_bytes);
    into.checkpoint_ms = limits.milliseconds("checkpoint_s", 10, 3'600'000).value_or(into.checkpoint_ms);
  });
}

void read_proxy(json_fields& proxy, proxy_definition& into) {
  into.enabled = proxy.flag("enabled").value_or(false);
  auto read = [&](const char* key, int most, int& value) {
    value = proxy.number(key, 1, most).value_or(value);
  };
  read("keep_alive_s", 3600, into.keep_alive_s);
  read("idle_s", 86'400, into.idle_s);
  read("connect_s", 300, into.connect_s);
  read("history_s", 86'400, into.history_s);
  read("streams", 1'000'000, into.streams);
  read("flows", 1'000'000, into.flows);
  into.socks = read_endpoint(proxy, "socks");
  into.redirect = read_endpoint(proxy, "redirect");
  into.called = proxy.name("called").value_or("");
  auto* allow = proxy.get("allow");
  if (!allow) return;
  if (!allow->is_array()) return proxy.note("allow", "must be a list such as [\"10.2.0.0/16:5432\"]");
  for (std::size_t i = 0; i < allow->size(); ++i) {
    auto* written = (*allow)[i].get_ptr<const std::string*>();
    auto rule = written ? proxy_rule::parse(*written) : std::nullopt;
    if (rule)
      into.allow.push_back(*rule);
    else
      proxy.note("allow[" + std::to_string(i) + "]",
                 "must be a text such as 10.2.0.0/16:5432 or 127.1.2.50:8000-8100");
  }
}

std::vector<ip_network> read_managers_from(json_fields& fields) {
  auto* networks = fields.get("managers_from");
  if (!networks) return {};
  constexpr auto expected = "must be a list of IP networks such as [\"127.1.0.0/24\"]";
  std::vector<ip_network> read;
  if (!networks->is_array() || networks->empty()) fields.note("managers_from", expected);
  for (std::size_t i = 0; networks->is_array() && i < networks->size(); ++i) {
    auto* written = (*networks)[i].get_ptr<const std::string*>();
    if (auto network = written ? ip_network::parse(*written) : std::nullopt)
      read.push_back(*network);
    else
      fields.note("managers_from[" + std::to_string(i) + "]", expected);
  }
  return read;
}

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
  read_limits(fields, node.limits);
  fields.object("proxy", [&](json_fields& proxy) { read_proxy(proxy, node.proxy); });
  node.managers_from = read_managers_from(fields);
  fields.require("role", "write \"manager\", \"server\" or \"client\"");
  fields.require("address", "write the address and port that others reach");
  if (node.role == role::server) refuse(fields, {"home", "dial"}, "clients and managers");
  if (node.role && node.role != role::server) {
    refuse(fields, {"segment", "neighbours", "routes", "default_route", "managers_from", "proxy"}, "servers");
    fields.require("home", "name the server that it is registered with");
  }
  if (node.system_resolver && !node.hosts.empty())
    fields.note("hosts", "has no effect beside \"resolver\": \"system\"; remove one of them");
  fields.finish();
  return node;
}

topology_gateway read_gateway(const nlohmann::json& value, const std::string& path, problems& found) {
  topology_gateway gateway;
  json_fields fields{value, path, found};
  if (!value.is_object()) return gateway;
  gateway.udp = fields.choice<bool>("protocol", {{"tcp", false}, {"udp", true}}).value_or(false);
  gateway.calling = fields.name("calling").value_or("");
  gateway.called = fields.name("called").value_or("");
  gateway.listen = read_endpoint(fields, "listen");
  gateway.deliver = read_endpoint(fields, "deliver");
  gateway.reply_timeout_s = fields.number("reply_timeout_s", 0, 3600);
  auto extend = fields.flag("replies_extend");
  gateway.replies_extend = extend.value_or(false);
  gateway.keep_link = fields.choice<bool>("link", {{"always", true}, {"on-use", false}}).value_or(true);
  fields.require("protocol", "write \"tcp\" or \"udp\"");
  fields.require("calling", "name the server near the application that connects");
  fields.require("called", "name the server near the application that is connected to");
  fields.require("listen", "write the address and port where the calling gateway listens");
  fields.require("deliver", "write the address and port of the real destination");
  if (!gateway.udp && gateway.reply_timeout_s) fields.note("reply_timeout_s", "is only for udp; remove it");
  if (!gateway.udp && extend) fields.note("replies_extend", "is only for udp; remove it");
  fields.finish();
  return gateway;
}

} // namespace hublink
