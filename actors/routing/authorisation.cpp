#include "actors/routing/authorisation.hpp"
#include "actors/routing/next_hop.hpp"

#include <algorithm>

namespace hublink {

namespace {

failure not_authorised(const definition& self, std::string text) {
  return {errc::not_authorised, self.node, std::move(text)};
}

failure unknown_file(const definition& self, const open& request) {
  return {errc::unknown_file, self.node,
          "file " + request.file.value_or("(none told)") + " is not known at " + self.node +
              "; compare the topology that this node runs with"};
}

failure wrong_kind(const definition& self, const std::string& peer, const open& request) {
  return not_authorised(self,
                        peer + " may not ask " + self.node + " for " + std::string{to_string(request.kind)});
}

/// A registered client sends its own files, to where its definition says.
outcome<> client_sends(const definition& self, const std::string& peer, const open& request) {
  auto found = self.transfers.find(request.file.value_or(""));
  if (found == self.transfers.end()) return unknown_file(self, request);
  const auto& known = found->second;
  if (known.sender != peer)
    return not_authorised(self,
                          peer + " does not send " + *request.file + " by the definition at " + self.node);
  for (const auto& name : request.destination)
    if (name != self.node && !known.next.empty() && !contains(known.next, name))
      return not_authorised(self,
                            *request.file + " does not go to " + name + " by the definition at " + self.node);
  return {};
}

outcome<> client_requests(const definition& self, const std::string& peer, const open& request) {
  auto found = self.transfers.find(request.file.value_or(""));
  if (found == self.transfers.end()) return unknown_file(self, request);
  if (!contains(found->second.receivers, peer))
    return not_authorised(self,
                          peer + " does not receive " + *request.file + " by the definition at " + self.node);
  return {};
}

/// What a file's definition does not decide; nothing where it does.
std::optional<outcome<>> without_file(permission rule, const definition& self, const std::string& peer,
                                      const open& request) {
  if (rule == permission::sent_file || rule == permission::received_file) return {};
  if (rule == permission::always || (rule == permission::own_node && told_names(request).empty()))
    return outcome<>{};
  return outcome<>{wrong_kind(self, peer, request)};
}

outcome<> registered_asks(const definition& self, const registered_client& peer, const open& request) {
  const auto rule = traits_of(request.kind).home_is_asked.of(peer.role);
  if (auto decided = without_file(rule, self, peer.name, request)) return *decided;
  return rule == permission::sent_file ? client_sends(self, peer.name, request)
                                       : client_requests(self, peer.name, request);
}

/// For its transfers, and to see that their ways are there; all else is its home server's.
outcome<> guest_asks(const definition& self, const std::string& peer, const open& request) {
  const auto rule = traits_of(request.kind).home_is_asked.of(role::client);
  const bool is_for_guests = rule != permission::own_node;
  if (!is_for_guests) return wrong_kind(self, peer, request);
  return registered_asks(self, {peer, role::client, {}}, request);
}

outcome<> server_is_asked(const definition& self, const std::string& peer, role peer_role,
                          const open& request) {
  if (auto* client = self.find_client(peer); client && client->role == peer_role)
    return registered_asks(self, *client, request);
  if (peer_role == role::client && contains(self.guests, peer)) return guest_asks(self, peer, request);
  if (peer_role == role::server && self.find_neighbour(peer)) return {};
  return not_authorised(self, peer + " is neither a neighbour nor registered with " + self.node + " as " +
                                  std::string{to_string(peer_role)});
}

/// The other end of direct transfers, for these alone.
outcome<> partner_asks(const definition& self, const std::string& peer, const open& request) {
  const auto file = request.file.value_or("");
  const auto received = self.receives.find(file);
  const auto sent = self.sends.find(file);
  const bool sends = request.kind == circuit_kind::transfer && received != self.receives.end() &&
                     received->second.dials == peer && received->second.source == peer;
  const bool asks = request.kind == circuit_kind::request && sent != self.sends.end() &&
                    sent->second.dials == peer && contains(sent->second.recipients, peer);
  if (sends || asks) return {};
  return not_authorised(self, peer + " may not ask " + self.node + " for " +
                                  std::string{to_string(request.kind)} + " of " +
                                  request.file.value_or("(no file told)") + " directly");
}

outcome<> client_is_asked(const definition& self, const std::string& peer, role peer_role,
                          const open& request) {
  if (auto* partner = self.find_dialled(peer);
      partner && partner->role == role::client && peer_role == role::client)
    return partner_asks(self, peer, request);
  if (peer != self.home || peer_role != role::server)
    return not_authorised(self, peer + " is not the home server of " + self.node);
  const auto rule = traits_of(request.kind).home_asks.of(self.role);
  if (auto decided = without_file(rule, self, peer, request)) return *decided;
  const auto file = request.file.value_or("");
  const bool known = rule == permission::sent_file ? self.sends.contains(file) : self.receives.contains(file);
  return known ? outcome<>{} : unknown_file(self, request);
}

} // namespace

outcome<> authorise(const definition& self, const std::string& peer, role peer_role, const open& request) {
  if (self.role == role::server) return server_is_asked(self, peer, peer_role, request);
  return client_is_asked(self, peer, peer_role, request);
}

outcome<> may_keep(const definition& self, const std::string& peer, role peer_role, const open& request) {
  auto without_way = request;
  without_way.destination.clear();
  // The names that are told say for some kinds whether they may be asked at all.
  bool file_decides = traits_of(request.kind).follows_file && request.file.has_value();
  return authorise(self, peer, peer_role, file_decides ? without_way : request);
}

std::optional<role> neighbour_role(const definition& self, const std::string& peer) {
  if (self.find_neighbour(peer)) return role::server;
  if (auto* client = self.find_client(peer)) return client->role;
  if (contains(self.guests, peer)) return role::client;
  if (auto* dialled = self.find_dialled(peer)) return dialled->role;
  if (self.role != role::server && peer == self.home) return role::server;
  return {};
}

bool is_known_server(const definition& self, const std::string& name) {
  return name == self.node || self.find_neighbour(name) || self.name_routes.contains(name);
}

} // namespace hublink
