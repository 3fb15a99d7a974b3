#include "actors/routing/authorisation.hpp"

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

outcome<> registered_asks(const definition& self, const registered_client& peer, const open& request) {
  const bool manages = peer.role == role::manager;
  switch (request.kind) {
  case circuit_kind::ping:
    return {};
  case circuit_kind::management: // of others: asks for its definition, here
    if (manages || request.destination.empty()) return {};
    break;
  case circuit_kind::transfer:
    if (!manages) return client_sends(self, peer.name, request);
    break;
  case circuit_kind::request:
    if (!manages) return client_requests(self, peer.name, request);
    break;
  case circuit_kind::gateway:
    break;
  }
  return wrong_kind(self, peer.name, request);
}

outcome<> server_is_asked(const definition& self, const std::string& peer, role peer_role,
                          const open& request) {
  if (auto* client = self.find_client(peer); client && client->role == peer_role)
    return registered_asks(self, *client, request);
  if (peer_role == role::server && self.find_neighbour(peer)) return {};
  return not_authorised(self, peer + " is neither a neighbour nor registered with " + self.node + " as " +
                                  std::string{to_string(peer_role)});
}

outcome<> client_is_asked(const definition& self, const std::string& peer, role peer_role,
                          const open& request) {
  if (peer != self.home || peer_role != role::server)
    return not_authorised(self, peer + " is not the home server of " + self.node);
  const auto file = request.file.value_or("");
  switch (request.kind) {
  case circuit_kind::ping:
    return {};
  case circuit_kind::management: // the server itself; who else comes this way shows in the TLS handshake
    if (self.role == role::client || request.destination.empty()) return {};
    return wrong_kind(self, peer, request);
  case circuit_kind::transfer:
    return self.receives.count(file) ? outcome<>{} : unknown_file(self, request);
  case circuit_kind::request:
    return self.sends.count(file) ? outcome<>{} : unknown_file(self, request);
  default:
    return wrong_kind(self, peer, request);
  }
}

} // namespace

outcome<> may_ask(const definition& self, const std::string& peer, role peer_role, const open& request) {
  if (self.role == role::server) return server_is_asked(self, peer, peer_role, request);
  return client_is_asked(self, peer, peer_role, request);
}

} // namespace hublink
