#include "node/definition/definition_json_reader.hpp"
#include "node/topology/gateway_reader.hpp"
#include "node/topology/json_document.hpp"
#include "node/topology/shared_fields.hpp"
#include "node/topology/transfer_policy_json.hpp"

namespace hublink {

namespace {

/// An address as it was compiled.
dial_address dialled_at(json_fields& fields, const std::string& key) {
  fields.require(key, "a definition has it");
  return read_dial_address(fields, key).value_or(dial_address{});
}

std::string needed_name(json_fields& fields, const std::string& key) {
  fields.require(key, "a definition has it");
  return fields.name(key).value_or("");
}

std::string needed_path(json_fields& fields) {
  fields.require("path", "a definition has it");
  return read_path(fields).value_or("");
}

std::map<std::string, std::string> names_by_name(json_fields& fields, const std::string& key) {
  std::map<std::string, std::string> found;
  fields.object(key, [&](json_fields& rows) {
    rows.each_name([&](const auto& name, const nlohmann::json&, const auto&) {
      found[name] = rows.name(name).value_or("");
    });
  });
  return found;
}

line_settings read_line(json_fields& row) {
  line_settings line;
  line.congestion = read_congestion(row).value_or(line.congestion);
  return line;
}

class definition_reader {
 public:
  definition_reader(definition& into, problems& found) : into_(into), found_(found) {}

  void read(json_fields& fields) {
    auto role = fields.choice<hublink::role>(
        "role", {{"manager", role::manager}, {"server", role::server}, {"client", role::client}});
    fields.require("role", "a definition has it");
    into_.role = role.value_or(role::client);
    into_.address = dialled_at(fields, "address");
    into_.listen = read_listens(fields);
    into_.bind = read_bind(fields);
    if (into_.role == role::server)
      read_server(fields);
    else
      read_client(fields);
    if (into_.role == role::manager) read_directory(fields);
    into_.system_resolver = fields.choice<bool>("resolver", {{"system", true}}).value_or(false);
    fields.object("hosts", [&](json_fields& rows) {
      rows.each_name([&](const auto& name, const nlohmann::json&, const auto&) {
        if (auto where = read_host(rows, name)) into_.hosts[name] = *where;
      });
    });
    read_limits(fields, into_.limits);
    fields.finish();
  }

 private:
  void read_server(json_fields& fields) {
    into_.segments = read_networks(fields, "segment");
    each_entry(fields, "neighbours", found_, [&](json_fields& row) {
      neighbour next;
      next.name = needed_name(row, "name");
      next.address = dialled_at(row, "address");
      next.segments = read_networks(row, "segment");
      next.cost = row.number("cost", 1, most_cost).value_or(next.cost);
      next.line = read_line(row);
      into_.neighbours.push_back(std::move(next));
    });
    each_entry(fields, "clients", found_, [&](json_fields& row) {
      registered_client client;
      client.role = row.choice<hublink::role>("role", {{"manager", role::manager}, {"client", role::client}})
                        .value_or(client.role);
      client.name = needed_name(row, "name");
      client.address = dialled_at(row, "address");
      client.dials_out = row.choice<bool>("dial", {{"out", true}}).value_or(false);
      client.line = read_line(row);
      into_.clients.push_back(std::move(client));
    });
    into_.guests = fields.name_list("guests");
    each_entry(fields, "routes", found_, [&](json_fields& row) {
      network_route route;
      route.network = read_network(row, "network").value_or(ip_network{});
      route.host = row.name("host").value_or("");
      if (route.host.empty()) row.require("network", "a definition has it");
      route.via = needed_name(row, "via");
      route.priority = row.number("priority", 0, most_cost).value_or(0);
      route.explicit_route = row.flag("own").value_or(false);
      into_.routes.push_back(std::move(route));
    });
    into_.name_routes = names_by_name(fields, "name_routes");
    fields.object("other_ways", [&](json_fields& rows) {
      rows.each_name(
          [&](const auto& name, const auto&, const auto&) { into_.other_ways[name] = rows.name_list(name); });
    });
    into_.default_route = fields.name("default_route");
    into_.managers_from = read_managers_from(fields);
    fields.object("transfers", [&](json_fields& rows) {
      rows.each_name([&](const auto& file, const nlohmann::json& value, const auto& path) {
        into_.transfers[file] = read_transfer(file, value, path);
      });
    });
    fields.object("proxy", [&](json_fields& proxy) { read_whole_proxy(proxy); });
  }

  void read_whole_proxy(json_fields& proxy) {
    read_proxy(proxy, into_.proxy);
    into_.proxy.kept = proxy.name_list("kept");
    proxy.object("gateways", [&](json_fields& rows) {
      rows.each_name([&](const auto& name, const nlohmann::json& value, const auto& path) {
        json_fields row{value, path, found_};
        auto gateway = read_gateway_fields(row);
        row.finish();
        into_.proxy.gateways.push_back(gateway_of(name, gateway));
      });
    });
  }

  void read_client(json_fields& fields) {
    into_.home = needed_name(fields, "home");
    into_.home_address = dialled_at(fields, "home_address");
    fields.object("home_line", [&](json_fields& row) { into_.home_line = read_line(row); });
    into_.dials_out = fields.choice<bool>("dial", {{"out", true}}).value_or(false);
    each_entry(fields, "dialled", found_, [&](json_fields& row) {
      dialled_node node;
      node.name = needed_name(row, "name");
      node.role = row.choice<hublink::role>("role", {{"server", role::server}, {"client", role::client}})
                      .value_or(node.role);
      node.address = dialled_at(row, "address");
      into_.dialled.push_back(std::move(node));
    });
    into_.proxies = names_by_name(fields, "proxies");
    fields.object("sends", [&](json_fields& rows) {
      rows.each_name([&](const auto& file, const nlohmann::json& value, const auto& path) {
        into_.sends[file] = read_send(file, value, path);
      });
    });
    fields.object("receives", [&](json_fields& rows) {
      rows.each_name([&](const auto& file, const nlohmann::json& value, const auto& path) {
        into_.receives[file] = read_receive(file, value, path);
      });
    });
    fields.object("certificates", [&](json_fields& rows) {
      rows.each_name([&](const auto& name, const nlohmann::json&, const auto&) {
        auto certificate = from_hex(rows.text(name).value_or("-"));
        if (!certificate) return rows.note(name, "must be a certificate in hex");
        into_.certificates[name] = std::move(*certificate);
      });
    });
  }

  transfer_definition read_transfer(const std::string& file, const nlohmann::json& value,
                                    const std::string& path) {
    transfer_definition known;
    json_fields row{value, path, found_};
    known.file = file;
    known.next = row.name_list("next");
    known.sender = row.name("sender").value_or("");
    known.receivers = row.name_list("receivers");
    known.instead = row.name_list("instead");
    read_policy_part(row, policy_holder::store, known.policy);
    row.finish();
    return known;
  }

  send_definition read_send(const std::string& file, const nlohmann::json& value, const std::string& path) {
    send_definition send;
    json_fields row{value, path, found_};
    send.file = file;
    send.path = needed_path(row);
    send.destination = row.name("destination");
    send.recipients = row.name_list("recipients");
    send.through_store = row.flag("through_store").value_or(false);
    send.dials = row.name("dials").value_or("");
    read_policy_part(row, policy_holder::sender, send.policy);
    row.finish();
    return send;
  }

  receive_definition read_receive(const std::string& file, const nlohmann::json& value,
                                  const std::string& path) {
    receive_definition receive;
    json_fields row{value, path, found_};
    receive.file = file;
    receive.path = needed_path(row);
    receive.source = needed_name(row, "source");
    receive.dials = row.name("dials").value_or("");
    read_policy_part(row, policy_holder::receiver, receive.policy);
    row.finish();
    return receive;
  }

  void read_directory(json_fields& fields) {
    fields.object("directory", [&](json_fields& known) {
      into_.directory.servers = known.name_list("servers");
      into_.directory.homes = names_by_name(known, "homes");
      into_.directory.senders = names_by_name(known, "senders");
    });
  }

  definition& into_;
  problems& found_;
};

} // namespace

outcome<definition> read_definition_json(std::string_view text, const std::string& network,
                                         const std::string& node) {
  definition made;
  made.network = network;
  made.node = node;
  problems found;
  auto value = read_json(text, found);
  if (found.empty()) {
    json_fields fields{value, "", found};
    definition_reader{made, found}.read(fields);
  }
  if (found.empty()) return made;
  return {errc::bad_config, "the definition of " + node + ": " + to_string(found.front())};
}

} // namespace hublink
