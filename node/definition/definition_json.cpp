#include "node/definition/definition_json.hpp"
#include "node/topology/transfer_policy_json.hpp"

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

/// Beside the others, as one that is not there yet: an ordered object looks through all of them to find out.
json& add(json& to, const std::string& name, json value) {
  return to.get_ref<json::object_t&>().emplace_back(name, std::move(value)).second;
}

template <class T>
json object_of(const std::map<std::string, T>& all) {
  auto made = json::object();
  for (const auto& [name, value] : all) add(made, name, value);
  return made;
}

/// One as a text, which nodes of earlier versions read, too; several as a list.
template <class T>
void write_texts(json& into, const char* key, const std::vector<T>& all) {
  if (all.size() == 1) into[key] = to_string(all.front());
  if (all.size() > 1)
    for (const auto& each : all) into[key].push_back(to_string(each));
}

json route_json(const network_route& row) {
  json value = row.host.empty() ? json{{"network", to_string(row.network)}} : json{{"host", row.host}};
  value.update({{"via", row.via}, {"priority", row.priority}, {"own", row.explicit_route}});
  return value;
}

/// What nodes of earlier versions do not know they refuse: so only where somebody set it.
void write_line(json& into, const line_settings& line) {
  if (line != line_settings{}) into["congestion"] = line.congestion;
}

json server_json(const definition& self) {
  json value;
  write_texts(value, "segment", self.segments);
  value["neighbours"] = json::array();
  for (const auto& each : self.neighbours) {
    json row{{"name", each.name}, {"address", to_string(each.address)}, {"cost", each.cost}};
    write_texts(row, "segment", each.segments);
    write_line(row, each.line);
    value["neighbours"].push_back(std::move(row));
  }
  value["clients"] = json::array();
  for (const auto& each : self.clients) {
    json row{{"name", each.name}, {"role", to_string(each.role)}, {"address", to_string(each.address)}};
    if (each.dials_out) row["dial"] = "out";
    write_line(row, each.line);
    value["clients"].push_back(std::move(row));
  }
  if (!self.guests.empty()) value["guests"] = self.guests;
  value["routes"] = json::array();
  for (const auto& each : self.routes) value["routes"].push_back(route_json(each));
  value["name_routes"] = object_of(self.name_routes);
  if (!self.other_ways.empty()) value["other_ways"] = object_of(self.other_ways);
  if (self.default_route) value["default_route"] = *self.default_route;
  for (const auto& network : self.managers_from) value["managers_from"].push_back(to_string(network));
  auto& transfers = value["transfers"] = json::object();
  for (const auto& [file, known] : self.transfers) {
    auto& row = add(transfers, file, {{"next", known.next}});
    if (!known.sender.empty()) row["sender"] = known.sender;
    if (!known.receivers.empty()) row["receivers"] = known.receivers;
    if (!known.instead.empty()) row["instead"] = known.instead;
    write_policy_part(known.policy, policy_holder::store, row);
  }
  return value;
}

json client_json(const definition& self) {
  json value{{"home", self.home}, {"home_address", to_string(self.home_address)}};
  if (self.home_line != line_settings{}) write_line(value["home_line"], self.home_line);
  if (self.dials_out) value["dial"] = "out";
  for (const auto& each : self.dialled)
    value["dialled"].push_back(
        {{"name", each.name}, {"role", to_string(each.role)}, {"address", to_string(each.address)}});
  if (!self.proxies.empty()) value["proxies"] = object_of(self.proxies);
  auto& sends = value["sends"] = json::object();
  for (const auto& [file, known] : self.sends) {
    auto& row = add(sends, file, {{"path", known.path}});
    if (known.destination) row["destination"] = *known.destination;
    row["recipients"] = known.recipients;
    write_policy_part(known.policy, policy_holder::sender, row);
    if (known.through_store) row["through_store"] = true;
    if (!known.dials.empty()) row["dials"] = known.dials;
  }
  auto& receives = value["receives"] = json::object();
  for (const auto& [file, known] : self.receives) {
    auto& row = add(receives, file, {{"path", known.path}, {"source", known.source}});
    write_policy_part(known.policy, policy_holder::receiver, row);
    if (!known.dials.empty()) row["dials"] = known.dials;
  }
  if (!self.certificates.empty()) {
    auto& certificates = value["certificates"] = json::object();
    for (const auto& [name, certificate] : self.certificates) add(certificates, name, to_hex(certificate));
  }
  return value;
}

json limits_json(const node_limits& limits) {
  json value{{"transfers", limits.transfers},
             {"circuits", limits.circuits},
             {"pending_opens", limits.pending_opens},
             {"connections", limits.connections},
             {"checkpoint", limits.checkpoint_bytes},
             {"checkpoint_s", limits.checkpoint_ms / 1000.0},
             {"stall_s", limits.stall_s},
             {"keep_days", limits.keep_days},
             {"keep_partial_days", limits.keep_partial_days},
             {"spool", limits.spool_bytes}};
  if (limits.rate) value["rate"] = limits.rate;
  // Nodes of earlier versions refuse what they do not know: so only where somebody set it.
  const node_limits usual;
  auto add = [&](const char* key, int node_limits::*member) {
    if (limits.*member != usual.*member) value[key] = limits.*member;
  };
  add("handshakes", &node_limits::handshakes);
  add("links", &node_limits::links);
  add("messages", &node_limits::messages);
  add("sessions", &node_limits::sessions);
  add("work_s", &node_limits::work_s);
  return value;
}

json gateway_json(const gateway_definition& self) {
  json row{{"protocol", self.udp ? "udp" : "tcp"},
           {"calling", self.calling},
           {"called", self.called},
           {"listen", to_string(self.listen)},
           {"deliver", to_string(self.deliver)}};
  // What nodes of earlier versions do not know they refuse: so only where somebody set it.
  if (self.keep_alive_s) row["keep_alive_s"] = *self.keep_alive_s;
  if (self.half_closed_s) row["half_closed_s"] = *self.half_closed_s;
  if (self.replies_from != reply_source::destination) row["replies_from"] = to_string(self.replies_from);
  if (!self.udp) return row;
  row["reply_timeout_s"] = self.reply_timeout_s;
  row["replies_extend"] = self.replies_extend;
  return row;
}

json proxy_json(const proxy_definition& self) {
  json value{{"enabled", self.enabled},     {"allow", json::array()},      {"idle_s", self.idle_s},
             {"connect_s", self.connect_s}, {"history_s", self.history_s}, {"streams", self.streams},
             {"flows", self.flows},         {"kept", self.kept},           {"gateways", json::object()}};
  for (const auto& rule : self.allow) value["allow"].push_back(to_string(rule));
  if (self.keep_alive_s) value["keep_alive_s"] = *self.keep_alive_s;
  if (self.half_closed_s) value["half_closed_s"] = *self.half_closed_s;
  if (self.socks) value["socks"] = to_string(*self.socks);
  if (self.redirect) value["redirect"] = to_string(*self.redirect);
  if (!self.called.empty()) value["called"] = self.called;
  for (const auto& gateway : self.gateways) value["gateways"][gateway.name] = gateway_json(gateway);
  return value;
}

} // namespace

json json_of(const definition& self) {
  json value{{"role", to_string(self.role)}, {"address", to_string(self.address)}};
  write_texts(value, "listen", self.listen);
  write_texts(value, "bind", self.bind);
  value.update(self.role == role::server ? server_json(self) : client_json(self));
  if (self.proxy.enabled) value["proxy"] = proxy_json(self.proxy);
  if (self.role == role::manager)
    value["directory"] = {{"servers", self.directory.servers},
                          {"homes", object_of(self.directory.homes)},
                          {"senders", object_of(self.directory.senders)}};
  if (self.system_resolver) value["resolver"] = "system";
  auto& hosts = value["hosts"] = json::object();
  for (const auto& [name, address] : self.hosts) add(hosts, name, to_string(address));
  value["limits"] = limits_json(self.limits);
  return value;
}

} // namespace hublink
