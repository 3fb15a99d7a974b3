#include "node/setup/first_topology.hpp"
#include "node/topology/topology_check.hpp"
#include "support/catch.hpp"

using namespace hublink;
using Catch::Contains;

namespace {

template <class T>
T read_as(std::string_view text) {
  auto one = T::parse(text);
  INFO(text);
  REQUIRE(one);
  return *one;
}

topology checked(const first_network& described) {
  auto text = topology_text(described);
  INFO(text);
  auto read = parse_and_check(text);
  CHECK(read.problems.empty());
  return read.value;
}

} // namespace

TEST_CASE("a few words describe a node of a first network") {
  CHECK(read_as<first_server>("Head=10.1.0.1").address == dial_address::parse_host("10.1.0.1"));
  CHECK(read_as<first_server>("Head=hub.plant.example:40001").address.port == 40001);
  CHECK(read_as<first_server>("Head=[2001:db8::1]:40000").name == "Head");
  auto member = read_as<first_member>("Office=2001:db8::2@Head,out");
  CHECK(member.name == "Office");
  CHECK(member.home == "Head");
  CHECK(member.dials_out);
  CHECK(read_as<first_transfer>("F=A:B,C").to == std::vector<std::string>{"B", "C"});
  CHECK(*parse_first_link("A,B") == first_link{"A", "B"});
}

TEST_CASE("what describes no node says how it is written") {
  for (auto text : {"", "Head", "Head=", "=10.1.0.1", "Head=10.1.0.1:0", "Head=10.1.0.1:70000", "Head=a b"})
    CHECK_FALSE(first_server::parse(text));
  for (auto text :
       {"Office=10.1.0.1", "Office@Head", "Office=10.1.0.1@", "Office=10.1.0.1@a b", "=10.1.0.1@Head"})
    CHECK_FALSE(first_member::parse(text));
  for (auto text : {"F", "F=A", "F=A:", "F=:B", "=A:B", "F=A:B,"}) CHECK_FALSE(first_transfer::parse(text));
  for (auto text : {"", "A", "A,", "A,B,C"}) CHECK_FALSE(parse_first_link(text));
  CHECK_THAT(first_server::parse("a b=10.1.0.1").error().text, Contains("is no name"));
}

TEST_CASE("a first network of any size is one that check accepts") {
  for (int servers = 1; servers <= 5; ++servers)
    for (int clients = 0; clients <= 4; ++clients) {
      first_network described{.network = "first"};
      for (int i = 0; i < servers; ++i)
        described.servers.push_back(read_as<first_server>("S" + std::to_string(i) + "=10.0.0.1"));
      for (int i = 0; i < clients; ++i)
        described.clients.push_back(
            read_as<first_member>("C" + std::to_string(i) + "=10.0.0.1@S" + std::to_string(i % servers)));
      auto net = checked(described);
      CHECK(net.nodes.size() == std::size_t(servers + clients));
      CHECK(net.transfers.size() == (clients < 2 ? 0 : 2));
    }
}

TEST_CASE("ports that were written stay, and others go around them") {
  first_network described{.network = "ports"};
  described.servers = {read_as<first_server>("A=10.0.0.1"), read_as<first_server>("B=10.0.0.1:40000"),
                       read_as<first_server>("C=10.0.0.2")};
  auto net = checked(described);
  CHECK(to_string(*net.find("A")->address) == "10.0.0.1:40001");
  CHECK(to_string(*net.find("B")->address) == "10.0.0.1:40000");
  CHECK(to_string(*net.find("C")->address) == "10.0.0.2:40000");
}
