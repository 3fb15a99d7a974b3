#include "node/topology/shared_fields.hpp"

#include "protocol/base/special_addresses.hpp"

namespace hublink {

namespace {

constexpr auto network_text = "IP network such as 127.1.1.0/24 (host bits zero)";

} // namespace

std::optional<endpoint> read_endpoint(json_fields& fields, const std::string& key) {
  auto where = fields.value<endpoint>(key, "address with port such as 127.1.1.1:40000 or [::1]:40000");
  if (!where) return {};
  if (where->port == 0 || is_unspecified(where->address)) {
    fields.note(key, to_string(*where) + " can't be dialled; write the address and port that others reach");
    return {};
  }
  return where;
}

std::optional<dial_address> read_dial_address(json_fields& fields, const std::string& key) {
  auto where = fields.value<dial_address>(
      key, "address with port such as 127.1.1.1:40000, [::1]:40000 or hub-a.plant.example:40000");
  if (!where) return {};
  if (where->port == 0 || (!where->is_name() && is_unspecified(where->address))) {
    fields.note(key, to_string(*where) + " can't be dialled; write the address and port that others reach");
    return {};
  }
  return where;
}

std::optional<dial_address> read_host(json_fields& fields, const std::string& key) {
  auto written = fields.text(key);
  if (!written) return {};
  auto where = dial_address::parse_host(*written);
  const bool reachable = where && (where->is_name() || !is_unspecified(where->address));
  if (reachable) return where;
  fields.note(key, "\"" + shown(*written) +
                       "\" is no IP address such as 127.1.2.12 and no DNS name, with or without a port");
  return {};
}

endpoints read_listens(json_fields& fields) {
  auto all = fields.values<endpoint>("listen",
                                     "address with port such as 10.1.0.1:40000, 0.0.0.0:40000 or [::]:40000");
  std::erase_if(all, [&](const endpoint& where) {
    if (where.port != 0) return false;
    fields.note("listen", to_string(where) + " has no port; write the one that others reach");
    return true;
  });
  return all;
}

std::vector<ip_address> read_bind(json_fields& fields) {
  auto all = fields.values<ip_address>("bind", "IP address such as 10.1.0.1");
  std::erase_if(all, [&](const ip_address& address) {
    if (!is_unspecified(address)) return false;
    fields.note("bind",
                to_string(address) + " means that the system chooses, as it does without bind; remove it");
    return true;
  });
  return all;
}

std::optional<ip_network> read_network(json_fields& fields, const std::string& key) {
  return fields.value<ip_network>(key, network_text);
}

std::vector<ip_network> read_networks(json_fields& fields, const std::string& key) {
  return fields.values<ip_network>(key, network_text);
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

std::optional<std::string> read_congestion(json_fields& fields) {
  constexpr std::size_t longest = 15; // of the kernel
  auto written = fields.text("congestion");
  if (!written) return {};
  const bool fits = !written->empty() && written->size() <= longest &&
                    written->find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == written->npos;
  if (fits) return written;
  fields.note("congestion",
              "\"" + shown(*written) +
                  "\" is no congestion control; write \"auto\", \"system\", or the name that the "
                  "kernel has for one, such as \"bbr\" or \"cubic\"");
  return {};
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
    read("handshakes", into.handshakes);
    read("links", into.links);
    read("messages", into.messages);
    read("sessions", into.sessions);
    read("stall_s", into.stall_s);
    read("work_s", into.work_s);
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
  into.keep_alive_s = proxy.number("keep_alive_s", 1, 3600);
  into.half_closed_s = proxy.number("half_closed_s", 0, 86'400);
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
                 "must be a text such as 10.2.0.0/16:5432, 127.1.2.50:8000-8100 or [2001:db8::7]:443");
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

std::optional<std::string> read_path(json_fields& fields) {
  auto path = fields.text("path");
  if (!path) return {};
  if (path->empty() || path->back() == '/' || path->find('\0') != path->npos) {
    fields.note("path", "must name a file, relative to the node's data directory or absolute");
    return {};
  }
  return path;
}

} // namespace hublink
