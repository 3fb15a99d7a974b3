#include "actors/routing/authorisation.hpp"
#include "definitions.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::test;

namespace {

/// `ok` or the error's name.
std::string verdict_of(const outcome<>& result) {
  return result ? "ok" : std::string{to_string(result.error().code)};
}

struct row {
  const char* peer;
  role peer_role;
  open request;
  const char* verdict;
};

open ping(std::string host) { return asking(circuit_kind::ping, {}, {std::move(host)}); }
open load(std::string host) { return asking(circuit_kind::rate, {}, {std::move(host)}); }
const auto management = asking(circuit_kind::management, {}, {"ServerA"});
const auto fetching = asking(circuit_kind::management, {}, {}); // a definition, by who has none yet
const auto gateway = asking(circuit_kind::gateway, {}, {"ServerA"});

} // namespace

TEST_CASE("a server serves its clients for their own files, its neighbours, and nobody else") {
  auto each = GENERATE(
      row{"HOST1", role::client, transfer("FILE01", {"HOST2"}), "ok"},
      row{"HOST1", role::client, transfer("FILE02"), "ok"},
      row{"HOST1", role::client, transfer("FILE03", {"ServerB"}), "ok"},
      row{"HOST1", role::client, transfer("FILE01", {"ServerA"}), "ok"},
      row{"HOST1", role::client, transfer("FILE01", {"HOST3"}), "not-authorised"}, // not where the file goes
      row{"HOST1", role::client, transfer("UNKNOWN", {"HOST2"}), "unknown-file"},
      row{"HOST1", role::client, asking(circuit_kind::transfer, {}), "unknown-file"},
      row{"HOST1", role::client, transfer("FILE09"), "not-authorised"}, // somebody else sends it
      row{"HOST1", role::client, request("FILE09", "HOST2"), "ok"},
      row{"HOST1", role::client, request("FILE01", "HOST1"), "not-authorised"}, // it sends that one
      row{"HOST1", role::client, request("UNKNOWN", "HOST2"), "unknown-file"},
      row{"HOST1", role::client, ping("HOST2"), "ok"}, row{"HOST1", role::client, load("HOST2"), "ok"},
      row{"MGR", role::manager, load("HOST2"), "ok"}, row{"ServerB", role::server, load("HOST1"), "ok"},
      row{"HOST2", role::client, load("HOST1"), "not-authorised"},
      row{"HOST1", role::client, management, "not-authorised"}, row{"HOST1", role::client, fetching, "ok"},
      row{"HOST2", role::client, fetching, "not-authorised"},
      row{"HOST1", role::client, gateway, "not-authorised"},
      row{"HOST1", role::server, ping("HOST2"), "not-authorised"}, // another role than registered
      row{"MGR", role::manager, management, "ok"}, row{"MGR", role::manager, ping("HOST2"), "ok"},
      row{"MGR", role::manager, transfer("FILE01"), "not-authorised"},
      row{"MGR", role::manager, gateway, "not-authorised"},
      row{"MGR", role::client, transfer("FILE01"), "not-authorised"},
      row{"ServerB", role::server, transfer("ANY", {"HOST1"}), "ok"},
      row{"ServerB", role::server, request("FILE01"), "ok"}, row{"ServerB", role::server, gateway, "ok"},
      row{"ServerB", role::server, management, "ok"},
      row{"ServerB", role::client, transfer("FILE01"), "not-authorised"},
      row{"ServerZ", role::server, transfer("FILE01"), "not-authorised"},
      row{"HOST2", role::client, transfer("FILE01"), "not-authorised"},
      row{"HOST2", role::client, ping("HOST1"), "not-authorised"});
  CAPTURE(each.peer, each.request.file.value_or("-"), each.request.destination, to_string(each.request.kind));
  CHECK(verdict_of(authorise(server_a(), each.peer, each.peer_role, each.request)) == each.verdict);
}

TEST_CASE("a guest asks for its transfers alone") {
  auto self = server_a();
  self.guests = {"HOST5"};
  self.transfers["FILE05"] = {.file = "FILE05", .next = {"HOST2"}, .sender = "HOST5", .receivers = {}};
  self.transfers["FILE06"] = {.file = "FILE06", .next = {}, .sender = "", .receivers = {"HOST5"}};
  auto each = GENERATE(row{"HOST5", role::client, transfer("FILE05", {"HOST2"}), "ok"},
                       row{"HOST5", role::client, transfer("FILE05", {"HOST3"}), "not-authorised"},
                       row{"HOST5", role::client, transfer("FILE01"), "not-authorised"},
                       row{"HOST5", role::client, request("FILE06", "HOST2"), "ok"},
                       row{"HOST5", role::client, request("FILE05", "HOST2"), "not-authorised"},
                       row{"HOST5", role::client, ping("HOST2"), "ok"},
                       row{"HOST5", role::client, load("HOST2"), "ok"},
                       row{"HOST5", role::client, fetching, "not-authorised"}, // that is its home's
                       row{"HOST5", role::client, management, "not-authorised"},
                       row{"HOST5", role::client, gateway, "not-authorised"},
                       row{"HOST5", role::server, transfer("FILE05"), "not-authorised"},
                       row{"HOST6", role::client, transfer("FILE05"), "not-authorised"});
  CAPTURE(each.peer, each.request.file.value_or("-"), to_string(each.request.kind));
  CHECK(verdict_of(authorise(self, each.peer, each.peer_role, each.request)) == each.verdict);
  CHECK(neighbour_role(self, "HOST5") == role::client);
  CHECK_FALSE(neighbour_role(self, "HOST6"));
}

TEST_CASE("the other end of a direct transfer asks for that one alone") {
  auto self = host_1();
  self.dialled = {{"HOST5", role::client, at("127.1.1.15:30000")},
                  {"ServerC", role::server, at("127.1.3.1:40000")}};
  self.sends["FILE05"].recipients = {"HOST5"};
  self.sends["FILE05"].dials = "HOST5";
  self.receives["FILE06"].source = "HOST5";
  self.receives["FILE06"].dials = "HOST5";
  self.receives["FILE07"].source = "HOST5"; // over the hubs
  self.sends["FILE08"].recipients = {"HOST5"};
  auto each =
      GENERATE(row{"HOST5", role::client, transfer("FILE06"), "ok"},
               row{"HOST5", role::client, transfer("FILE07"), "not-authorised"},
               row{"HOST5", role::client, transfer("FILE09"), "not-authorised"},
               row{"HOST5", role::client, asking(circuit_kind::transfer, {}), "not-authorised"},
               row{"HOST5", role::client, request("FILE05"), "ok"},
               row{"HOST5", role::client, request("FILE06"), "not-authorised"},
               row{"HOST5", role::client, request("FILE08"), "not-authorised"},
               row{"HOST5", role::client, ping("HOST1"), "not-authorised"},
               row{"HOST5", role::client, fetching, "not-authorised"},
               row{"HOST5", role::server, transfer("FILE06"), "not-authorised"},
               row{"ServerA", role::server, transfer("FILE06"), "ok"}, // what is offered is judged later
               row{"ServerC", role::server, transfer("FILE06"), "not-authorised"}, // it is dialled, no more
               row{"HOST6", role::client, transfer("FILE06"), "not-authorised"});
  CAPTURE(each.peer, each.request.file.value_or("-"), to_string(each.request.kind));
  CHECK(verdict_of(authorise(self, each.peer, each.peer_role, each.request)) == each.verdict);
  CHECK(neighbour_role(self, "HOST5") == role::client);
  CHECK(neighbour_role(self, "ServerC") == role::server);
}

TEST_CASE("a client is asked by its home server alone") {
  auto each = GENERATE(row{"ServerA", role::server, transfer("FILE09"), "ok"},
                       row{"ServerA", role::server, transfer("FILE01"), "unknown-file"}, // it sends that one
                       row{"ServerA", role::server, request("FILE01"), "ok"},
                       row{"ServerA", role::server, request("FILE09"), "unknown-file"},
                       row{"ServerA", role::server, ping("HOST1"), "ok"},
                       row{"ServerA", role::server, load("HOST1"), "ok"},
                       row{"ServerB", role::server, load("HOST1"), "not-authorised"},
                       row{"ServerA", role::server, gateway, "not-authorised"},
                       row{"ServerA", role::client, transfer("FILE09"), "not-authorised"},
                       row{"ServerB", role::server, transfer("FILE09"), "not-authorised"},
                       row{"HOST2", role::client, transfer("FILE09"), "not-authorised"});
  CAPTURE(each.peer, each.request.file.value_or("-"), to_string(each.request.kind));
  auto result = authorise(host_1(), each.peer, each.peer_role, each.request);
  CHECK(verdict_of(result) == each.verdict);
  if (!result) CHECK(result.error().hop == "HOST1");
}

TEST_CASE("what was allowed is judged by the definition in force, but for its way") {
  struct kept {
    const char* what;
    const char* peer;
    role peer_role;
    open request;
    void (*by)(definition& self);
    const char* verdict;
  };
  auto nothing = [](definition&) {};
  auto no_file = [](definition& self) { self.transfers.erase("FILE01"); };
  auto other_sender = [](definition& self) { self.transfers.at("FILE01").sender = "HOST7"; };
  auto other_way = [](definition& self) { self.transfers.at("FILE01").next = {"ServerZ"}; };
  auto no_client = [](definition& self) {
    std::erase_if(self.clients, [](const auto& client) { return client.name == "HOST1"; });
  };
  auto no_neighbour = [](definition& self) {
    std::erase_if(self.neighbours, [](const auto& neighbour) { return neighbour.name == "ServerB"; });
  };
  auto sends = transfer("FILE01", {"HOST2"});
  auto each = GENERATE_COPY(
      kept{"the same definition", "HOST1", role::client, sends, nothing, "ok"},
      kept{"the file is gone", "HOST1", role::client, sends, no_file, "unknown-file"},
      kept{"somebody else sends it", "HOST1", role::client, sends, other_sender, "not-authorised"},
      kept{"it goes by another way", "HOST1", role::client, sends, other_way, "ok"},
      kept{"the client is gone", "HOST1", role::client, sends, no_client, "not-authorised"},
      kept{"another file's client", "HOST1", role::client, ping("HOST2"), no_file, "ok"},
      kept{"the neighbour is gone", "ServerB", role::server, sends, no_neighbour, "not-authorised"},
      kept{"a neighbour asks for any file", "ServerB", role::server, sends, no_file, "ok"},
      kept{"a session of a manager", "MGR", role::manager, management, no_file, "ok"});
  auto self = server_a();
  each.by(self);
  CAPTURE(each.what);
  CHECK(verdict_of(may_keep(self, each.peer, each.peer_role, each.request)) == each.verdict);
}

TEST_CASE("who may have a link is who is next to this node, in that role") {
  auto server = server_a();
  CHECK(neighbour_role(server, "ServerB") == role::server);
  CHECK(neighbour_role(server, "HOST1") == role::client);
  CHECK(neighbour_role(server, "MGR") == role::manager);
  CHECK_FALSE(neighbour_role(server, "HOST2"));
  definition client;
  client.node = "HOST1";
  client.home = "ServerA";
  CHECK(neighbour_role(client, "ServerA") == role::server);
  CHECK_FALSE(neighbour_role(client, "ServerB"));
  CHECK(is_known_server(server, "ServerA"));
  CHECK(is_known_server(server, "ServerB"));
  CHECK_FALSE(is_known_server(server, "HOST1"));
}
