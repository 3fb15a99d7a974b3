#pragma once
/// The servers of the example network, written by hand: what the rules are given, whoever made it.
#include "actors/definition/definition.hpp"

namespace hublink::test {

inline ip_address ip(const char* text) { return *ip_address::parse(text); }
inline ip_network net(const char* text) { return *ip_network::parse(text); }
inline endpoint at(const char* text) { return *endpoint::parse(text); }

/// ServerA of three hubs, HOST1 and MGR registered, derived routes to the two others.
inline definition server_a() {
  definition self;
  self.network = "three-hubs";
  self.node = "ServerA";
  self.role = role::server;
  self.address = at("127.1.1.1:40000");
  self.segments = {net("127.1.1.0/24")};
  self.neighbours = {{"ServerB", at("127.1.2.1:40000"), {net("127.1.2.0/24")}, 1},
                     {"ServerC", at("127.1.3.1:40000"), {net("127.1.3.0/24")}, 1}};
  self.clients = {{"HOST1", role::client, at("127.1.1.11:30000"), false},
                  {"MGR", role::manager, at("127.1.0.9:40000"), false}};
  self.routes = {{net("127.1.2.0/24"), "ServerB", 0, false}, {net("127.1.3.0/24"), "ServerC", 0, false}};
  self.name_routes = {{"ServerB", "ServerB"}, {"ServerC", "ServerC"}};
  self.hosts = {{"ServerB", ip("127.1.2.1")}, {"ServerC", ip("127.1.3.1")}, {"HOST2", ip("127.1.2.12")}};
  self.transfers = {{"FILE01", {"FILE01", {"HOST2"}, "HOST1", {}}},
                    {"FILE02", {"FILE02", {"ServerC"}, "HOST1", {}}},
                    {"FILE03", {"FILE03", {"ServerB"}, "HOST1", {}}},
                    {"FILE09", {"FILE09", {}, "", {"HOST1"}}}};
  return self;
}

inline definition host_1() {
  definition self;
  self.network = "three-hubs";
  self.node = "HOST1";
  self.role = role::client;
  self.address = at("127.1.1.11:30000");
  self.home = "ServerA";
  self.home_address = at("127.1.1.1:40000");
  self.sends["FILE01"].file = "FILE01";
  self.receives["FILE09"].file = "FILE09";
  return self;
}

inline definition manager() {
  definition self;
  self.network = "three-hubs";
  self.node = "MGR";
  self.role = role::manager;
  self.address = at("127.1.0.9:40000");
  self.home = "ServerA";
  self.home_address = at("127.1.1.1:40000");
  return self;
}

/// What a neighbour asks for.
inline open asking(circuit_kind kind, std::optional<std::string> file,
                   std::vector<std::string> destination = {}) {
  open request;
  request.kind = kind;
  request.file = std::move(file);
  request.destination = std::move(destination);
  return request;
}
inline open transfer(std::string file, std::vector<std::string> destination = {}) {
  return asking(circuit_kind::transfer, std::move(file), std::move(destination));
}
inline open request(std::string file, std::optional<std::string> source = {}) {
  auto result = asking(circuit_kind::request, std::move(file));
  result.source = std::move(source);
  return result;
}

} // namespace hublink::test
