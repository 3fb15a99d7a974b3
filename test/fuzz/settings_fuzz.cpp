// The small settings: users of the SOCKS listener, rules of destinations, fields of a command, what the
// preloaded library is told, a bundle, and the words of `init`. The first byte says which.
#include "actors/definition/definition.hpp"
#include "node/gateway/socks_users.hpp"
#include "node/requests/verbs.hpp"
#include "node/setup/bundle.hpp"
#include "node/setup/first_topology.hpp"
#include "node/topology/topology_check.hpp"
#include "node/wrap/settings_text.hpp"

#include "node/wrap/settings_text.cpp" // of the library, which is linked into programs alone

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>

using namespace hublink;

namespace {

void read_as_users(std::string_view text) {
  auto users = socks_users::parse(text, "socks.users");
  if (users && users->empty()) std::abort(); // nobody is not everybody
}

void read_as_rule(std::string_view text) {
  auto rule = proxy_rule::parse(text);
  if (!rule) return;
  auto again = proxy_rule::parse(to_string(*rule));
  if (!again || again->network != rule->network || again->first_port != rule->first_port ||
      again->last_port != rule->last_port)
    std::abort();
}

void read_as_request(std::string_view text) {
  auto request = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!request.is_object()) return;
  for (const auto& row : verbs())
    for (auto way : {request_way::socket, request_way::session})
      if (!wrong_field(row, request, way))
        for (const auto& field : row.fields)
          if (field.needed && (!field.by || field.by == way) && !request.contains(std::string{field.name}))
            std::abort();
}

/// A line for each variable; a `-` stands for one that is not set.
void read_as_environment(std::string_view text) {
  std::array<std::string, 5> lines;
  std::array<const char*, 5> values{};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto end = std::min(text.find('\n'), text.size());
    lines[i] = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    values[i] = lines[i] == "-" ? nullptr : lines[i].c_str();
  }
  wrap::settings into{};
  auto* wrong = wrap::read_settings({values[0], values[1], values[2], values[3], values[4]}, into);
  if (!wrong && (into.rule_count == 0 || into.gateway.port == 0)) std::abort();
  std::free(into.rules);
  std::free(into.user);
  std::free(into.names);
}

void read_as_bundle(std::string_view text) {
  auto read = read_bundle(text);
  if (!read) return;
  auto again = read_bundle(bundle_text(*read));
  if (!again || again->keys != read->keys || again->node != read->node) std::abort();
}

/// A line for each node: what a first network is made of never breaks the form of the file.
void read_as_first_network(std::string_view text) {
  first_network described{.network = "first"};
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (auto server = first_server::parse(line)) described.servers.push_back(*server);
    if (auto client = first_member::parse(line)) described.clients.push_back(*client);
    if (auto link = parse_first_link(line)) described.links.push_back(*link);
    if (auto transfer = first_transfer::parse(line)) described.transfers.push_back(*transfer);
  }
  for (const auto& each : parse_and_check(topology_text(described)).problems)
    if (each.message.find("JSON") != std::string::npos) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr std::array<void (*)(std::string_view), 6> readers{read_as_users,   read_as_rule,
                                                              read_as_request, read_as_environment,
                                                              read_as_bundle,  read_as_first_network};
  readers[data[0] % readers.size()](text);
  return 0;
}
