#include "node/setup/first_topology.hpp"

#include "node/topology/topology.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace hublink {

namespace {

using ordered = nlohmann::ordered_json;

constexpr std::uint16_t first_port = 40000;

/// Before and after the mark; nothing without it.
std::optional<std::pair<std::string_view, std::string_view>> parted(std::string_view text, char mark,
                                                                    bool at_last = false) {
  auto at = at_last ? text.rfind(mark) : text.find(mark);
  if (at == text.npos) return {};
  return std::pair{text.substr(0, at), text.substr(at + 1)};
}

failure not_like(std::string_view text, const std::string& like) {
  return {errc::bad_config, {}, "\"" + shown(text) + "\" is not like " + like};
}

failure no_name(std::string_view name) {
  return {errc::bad_config,
          {},
          "\"" + shown(name) +
              "\" is no name: 1 to 64 letters, digits, \".\", \"_\", \"-\", the first a letter or digit"};
}

std::optional<dial_address> read_where(std::string_view text) {
  auto whole = dial_address::parse(text);
  if (!whole) return dial_address::parse_host(text);
  return whole->port != 0 ? whole : std::nullopt; // it would stand for one that was left out
}

outcome<> read_names(std::string_view text, std::vector<std::string>& into) {
  while (true) {
    auto parts = parted(text, ',');
    auto name = parts ? parts->first : text;
    if (!is_name(name)) return no_name(name);
    into.emplace_back(name);
    if (!parts) return {};
    text = parts->second;
  }
}

/// Gives ports to those that have none, so that no two nodes of a host share one.
class port_giver {
 public:
  explicit port_giver(const first_network& described) {
    for (const auto& each : described.servers) take(each.address);
    for (const auto* kind : {&described.clients, &described.managers})
      for (const auto& each : *kind) take(each.address);
  }

  std::string complete(dial_address where) {
    if (where.port == 0) {
      where.port = first_port;
      while (taken_.contains(where)) ++where.port;
      taken_.insert(where);
    }
    return to_string(where);
  }

 private:
  void take(const dial_address& where) {
    if (where.port != 0) taken_.insert(where);
  }
  std::set<dial_address> taken_;
};

std::vector<first_link> links_of(const first_network& described) {
  if (!described.links.empty() || described.servers.empty()) return described.links;
  std::vector<first_link> star;
  for (const auto& each : described.servers)
    if (each.name != described.servers.front().name)
      star.emplace_back(each.name, described.servers.front().name);
  return star;
}

std::vector<first_transfer> transfers_of(const first_network& described) {
  if (!described.transfers.empty() || described.clients.size() < 2) return described.transfers;
  const auto &one = described.clients[0].name, &other = described.clients[1].name;
  return {{"FILE01", one, {other}}, {"FILE02", other, {one}}};
}

ordered server_json(const first_server& server, const std::vector<first_link>& links, port_giver& ports) {
  ordered node{{"role", "server"}, {"address", ports.complete(server.address)}};
  for (const auto& [one, other] : links)
    if (one == server.name) node["neighbours"][other] = 1;
  return node;
}

ordered member_json(const first_member& member, const char* role, port_giver& ports) {
  ordered node{{"role", role}, {"address", ports.complete(member.address)}, {"home", member.home}};
  if (member.dials_out) node["dial"] = "out";
  return node;
}

} // namespace

outcome<first_server> first_server::parse(std::string_view text) {
  auto parts = parted(text, '=');
  auto where = parts ? read_where(parts->second) : std::nullopt;
  if (!where)
    return not_like(text, "NAME=ADDRESS, for example Head=10.1.0.1 or Head=hub.plant.example:40000");
  if (!is_name(parts->first)) return no_name(parts->first);
  return first_server{std::string{parts->first}, *where};
}

outcome<first_member> first_member::parse(std::string_view text) {
  constexpr std::string_view out = ",out";
  auto rest = text;
  bool dials_out = rest.ends_with(out);
  if (dials_out) rest.remove_suffix(out.size());
  auto parts = parted(rest, '=');
  auto place = parts ? parted(parts->second, '@', true) : std::nullopt;
  auto where = place ? read_where(place->first) : std::nullopt;
  if (!where)
    return not_like(text, "NAME=ADDRESS@SERVER, for example Office=10.1.0.11@Head (with \",out\" behind it "
                          "where nobody can dial it)");
  for (auto name : {parts->first, place->second})
    if (!is_name(name)) return no_name(name);
  return first_member{std::string{parts->first}, *where, std::string{place->second}, dials_out};
}

outcome<first_transfer> first_transfer::parse(std::string_view text) {
  auto parts = parted(text, '=');
  auto ends = parts ? parted(parts->second, ':') : std::nullopt;
  if (!ends) return not_like(text, "FILE=FROM:TO, for example FILE01=Office:Line1");
  for (auto name : {parts->first, ends->first})
    if (!is_name(name)) return no_name(name);
  first_transfer read{std::string{parts->first}, std::string{ends->first}, {}};
  if (auto named = read_names(ends->second, read.to); !named) return named.error();
  return read;
}

outcome<first_link> parse_first_link(std::string_view text) {
  std::vector<std::string> names;
  if (auto named = read_names(text, names); !named) return named.error();
  if (names.size() != 2) return not_like(text, "SERVER,SERVER, for example Head,Plant");
  return first_link{names[0], names[1]};
}

std::string topology_text(const first_network& described) {
  port_giver ports{described};
  auto links = links_of(described);
  ordered nodes = ordered::object(), transfers = ordered::object();
  for (const auto& each : described.managers) nodes[each.name] = member_json(each, "manager", ports);
  for (const auto& each : described.servers) nodes[each.name] = server_json(each, links, ports);
  for (const auto& each : described.clients) nodes[each.name] = member_json(each, "client", ports);
  for (const auto& each : transfers_of(described))
    transfers[each.file] = {{"from", each.from}, {"to", each.to}};
  ordered whole{{"network", described.network}, {"nodes", nodes}};
  if (!transfers.empty()) whole["transfers"] = transfers;
  return whole.dump(2) + "\n";
}

} // namespace hublink
