#include "actors/definition/definition.hpp"

#include <algorithm>
#include <charconv>

namespace hublink {

namespace {

// The compiler writes rows in the order of their names; any other order costs a look at all of them.
template <class Rows>
auto find_name(const Rows& rows, const std::string& name) -> decltype(rows.data()) {
  auto likely = std::lower_bound(rows.begin(), rows.end(), name,
                                 [](const auto& row, const auto& wanted) { return row.name < wanted; });
  if (likely != rows.end() && likely->name == name) return &*likely;
  auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return {};
  return port;
}

/// A network, or one address as the network of its own. One of IPv6 stands in brackets: without them its end
/// and the port can't be told apart.
std::optional<ip_network> parse_hosts(std::string_view text) {
  const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  if (bracketed) text = text.substr(1, text.size() - 2);
  if (auto network = ip_network::parse(text)) return network;
  if (!bracketed && text.find(':') != text.npos) return {};
  auto address = ip_address::parse(text);
  if (!address) return {};
  return ip_network{*address, address->width()};
}

} // namespace

endpoints definition::own_listens() const {
  if (!listen.empty() || address.is_name()) return listen;
  return {*address.known_endpoint()};
}

const neighbour* definition::find_neighbour(const std::string& name) const {
  return find_name(neighbours, name);
}
const registered_client* definition::find_client(const std::string& name) const {
  return find_name(clients, name);
}

const dialled_node* definition::find_dialled(const std::string& name) const {
  return find_name(dialled, name);
}

line_settings definition::line_to(const std::string& name) const {
  if (name == home) return home_line;
  if (auto* beside = find_neighbour(name)) return beside->line;
  if (auto* client = find_client(name)) return client->line;
  return {};
}

std::optional<proxy_rule> proxy_rule::parse(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == text.npos) return {};
  auto network = parse_hosts(text.substr(0, colon));
  auto ports = text.substr(colon + 1);
  auto dash = ports.find('-');
  auto first = parse_port(ports.substr(0, dash));
  auto last = dash == ports.npos ? first : parse_port(ports.substr(dash + 1));
  if (!network || !first || !last || *last < *first) return {};
  return proxy_rule{*network, *first, *last};
}

std::string to_string(const proxy_rule& rule) {
  auto text = to_string(rule.network) + ":" + std::to_string(rule.first_port);
  return rule.last_port == rule.first_port ? text : text + "-" + std::to_string(rule.last_port);
}

definition_ptr listening_at(const definition_ptr& self, const endpoints& places) {
  if (self->listen == places) return self;
  auto made = std::make_shared<definition>(*self);
  made->listen = places;
  return made;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool contains(const std::vector<ip_network>& networks, const ip_address& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const auto& network) { return network.contains(address); });
}

} // namespace hublink
