// Where the nodes of a topology listen, where they are dialled, and who looks names up.
#include "networks.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::test;

namespace {

/// A patch of the example, and what the one problem must begin with and contain.
struct listen_row {
  const char *patch, *path, *message;
};

} // namespace

TEST_CASE("each mistake of where a node stands is one line, with its place") {
  auto each = GENERATE(
      listen_row{R"({"nodes": {"HOST1": {"address": "127.1:30000"}}})", "nodes.HOST1.address",
                 "is no address with port"},
      listen_row{R"({"nodes": {"HOST1": {"address": "host1.example:0"}}})", "nodes.HOST1.address",
                 "is no address with port"},
      listen_row{R"({"nodes": {"HOST1": {"address": null, "listen": "127.1.1.11:30000"}}})",
                 "nodes.HOST1.address",
                 "listen says where it listens; write the address and port that others reach"},
      listen_row{R"({"nodes": {"HOST1": {"listen": 7}}})", "nodes.HOST1.listen", "or a list of them"},
      listen_row{R"({"nodes": {"HOST1": {"listen": []}}})", "nodes.HOST1.listen", "or a list of them"},
      listen_row{R"({"nodes": {"HOST1": {"listen": ["127.1.1.11:30000", 7]}}})", "nodes.HOST1.listen[1]",
                 "in quotes"},
      listen_row{R"({"nodes": {"HOST1": {"listen": ["127.1.1.11:30000", "host1:1"]}}})",
                 "nodes.HOST1.listen[1]", "is no address with port"},
      listen_row{R"({"nodes": {"HOST1": {"listen": "0.0.0.0:0"}}})", "nodes.HOST1.listen", "has no port"},
      listen_row{R"({"nodes": {"HOST1": {"bind": "0.0.0.0"}}})", "nodes.HOST1.bind", "the system chooses"},
      listen_row{R"({"nodes": {"HOST1": {"bind": "127.1.1.11:1"}}})", "nodes.HOST1.bind", "is no IP address"},
      listen_row{R"({"nodes": {"ServerA": {"resolver": "dns"}}})", "nodes.ServerA.resolver",
                 "is not known here"},
      listen_row{R"({"resolver": "hosts"})", "resolver", "is not known here"},
      listen_row{
          R"({"nodes": {"HOST2": {"address": "HOST1.example:1"}, "HOST1": {"address": "host1.example:1"}}})",
          "nodes.HOST2.address", "is the address of HOST1 too"},
      listen_row{R"({"nodes": {"ServerB": {"listen": "127.1.1.1:40000"}}})", "nodes.ServerB.listen",
                 "is the address of ServerA too"},
      listen_row{
          R"({"nodes": {"ServerA": {"listen": ["127.1.1.1:40000", "10.9.9.9:1"]}, "ServerB": {"listen": ["127.1.2.1:40000", "10.9.9.9:1"]}}})",
          "nodes.ServerB.listen[1]", "is where ServerA listens too"},
      listen_row{R"({"nodes": {"ServerA": {"listen": ["0.0.0.0:41000", "127.1.1.1:41000"]}}})",
                 "nodes.ServerA.listen[1]", "is within 0.0.0.0:41000 already"},
      listen_row{R"({"nodes": {"ServerA": {"listen": ["127.1.1.1:40000", "127.1.1.1:40000"]}}})",
                 "nodes.ServerA.listen[1]", "already; remove one"},
      listen_row{
          R"({"nodes": {"ServerA": {"address": "10.1.0.1:40000", "listen": ["127.0.0.1:40000", "[::1]:40000"]}}})",
          "nodes.ServerA.listen", "nobody reaches 10.1.0.1:40000 there"},
      listen_row{
          R"({"nodes": {"ServerA": {"listen": "0.0.0.0:30001"}, "HOST1": {"address": "127.1.1.11:30001"}}})",
          "nodes.ServerA.listen", "where HOST1 listens on the same machine"},
      listen_row{R"({"nodes": {"ServerA": {"listen": "0.0.0.0:15432"}}})", "gateways.db.listen",
                 "is within 0.0.0.0:15432, where ServerA itself listens"},
      listen_row{R"({"nodes": {"ServerA": {"segment": ["127.1.1.0/24", "127.1.1.0/25"]}}})",
                 "nodes.ServerA.segment", "overlaps its own segment"},
      listen_row{
          R"({"nodes": {"ServerA": {"managers_from": ["127.1.0.0/24"]}, "MGR": {"address": "mgr.example:1"}}})",
          "nodes.ServerA.managers_from", "the address of MGR is a name"},
      listen_row{R"({"resolver": "system", "nodes": {"ServerA": {"hosts": {"HOST2": "127.1.2.9"}}}})",
                 "nodes.ServerA.hosts", "has no effect beside"});
  CAPTURE(each.patch);
  auto found = problems_of(example_with(each.patch));
  CAPTURE(found);
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0], Catch::StartsWith(std::string{each.path} + ": ") && Catch::Contains(each.message));
}

TEST_CASE("what a node in two networks may say") {
  auto patch = GENERATE(
      R"({"nodes": {"ServerB": {"segment": ["127.1.2.0/24", "10.2.0.0/16"]}}})",
      R"({"nodes": {"HOST1": {"address": "host1.example:30000"}}})",
      R"({"nodes": {"ServerA": {"address": "hub-a.example:40000", "listen": "127.1.1.1:40000"}}})",
      R"({"nodes": {"ServerA": {"address": "203.0.113.7:443", "listen": ["10.1.0.1:40000", "192.168.7.1:40000"]}}})",
      R"({"nodes": {"ServerA": {"address": "10.1.0.1:40000", "listen": "0.0.0.0:40000"}, "ServerB": {"address": "10.2.0.1:40000", "listen": "0.0.0.0:40000"}}})",
      R"({"nodes": {"ServerA": {"listen": ["127.1.1.1:40000", "[::]:40000"], "bind": ["10.1.0.1", "2001:db8::1"]}}})",
      R"({"nodes": {"HOST1": {"hosts": {"ServerA": "192.168.7.1:41000"}}, "HOST2": {"hosts": {"ServerB": "hub-b.inner"}}}})",
      R"({"resolver": "system", "nodes": {"ServerA": {"resolver": "hosts", "hosts": {"HOST2": "127.1.2.9"}}}})");
  CAPTURE(patch);
  CHECK(problems_of(example_with(patch)).empty());
}

TEST_CASE("the resolver of the file is that of all nodes that do not say it") {
  auto net =
      network_of(example_with(R"({"resolver": "system", "nodes": {"ServerA": {"resolver": "hosts"}}})"));
  CHECK_FALSE(net.nodes.at("ServerA").system_resolver);
  CHECK(net.nodes.at("ServerB").system_resolver);
  CHECK(net.nodes.at("HOST1").system_resolver);
}
