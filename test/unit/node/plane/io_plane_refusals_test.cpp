/// Dials that come to nothing: who says why, and in which words.
#include "plane_fixture.hpp"

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;

namespace {

failure refused(running_plane& from, const endpoint& where, const std::string& name,
                caf::actor_system& system) {
  owner asking(system);
  from->dial({where}, name, asking.as<link_owner>());
  auto why = asking.wait<link_down>().why;
  INFO(why.text);
  CHECK(why.text.find('\n') == std::string::npos);
  return why;
}

} // namespace

TEST_CASE("a peer of another CA is refused, and both sides say so") {
  two_servers net;
  key_folders foreign{"ServerA", "ServerB"};
  running_plane b(net.system, net.keys.of("ServerB"));
  SECTION("both distrust each other") {
    running_plane a(net.system, foreign.of("ServerA"));
    auto why = refused(a, b.where(), "ServerB", net.system);
    CHECK(why.code == errc::not_authorised);
    CHECK_THAT(why.text, Contains("ServerB (127.0.0.1:") && Contains("is not of this network's CA"));
  }
  SECTION("the acceptor alone does") {
    auto own = foreign.of("ServerA");
    own.ca = net.keys.of("ServerA").ca;
    own.ca_path = net.keys.of("ServerA").ca_path;
    own.crl_path = net.keys.of("ServerA").crl_path;
    running_plane a(net.system, own);
    auto why = refused(a, b.where(), "ServerB", net.system);
    CHECK(why.code == errc::not_authorised);
    CHECK_THAT(why.text, Contains("ServerB") && Contains("refuses this node's certificate: unknown CA"));
    CHECK_THAT(b.warning(), Contains("is refused: its certificate is not of this network's CA"));
  }
}

TEST_CASE("a revoked certificate is refused, and both sides say so") {
  two_servers net;
  net.keys.revoke("ServerA");
  running_plane b(net.system, net.keys.of("ServerB"));
  auto own = [&] { // ServerA does not know yet: it can't load its keys with the new list
    auto known = net.keys.of("ServerB");
    for (auto path : {&known.cert_path, &known.key_path}) path->replace(path->find("ServerB"), 7, "ServerA");
    known.name = "ServerA";
    return known;
  }();
  running_plane a(net.system, own);
  auto why = refused(a, b.where(), "ServerB", net.system);
  CHECK(why.code == errc::not_authorised);
  CHECK_THAT(why.text, Contains("refuses this node's certificate: certificate revoked"));
  CHECK_THAT(b.warning(), Contains("is refused: ServerA: its certificate was revoked"));
}

TEST_CASE("a peer of another name is refused with both names") {
  two_servers net;
  running_plane a(net.system, net.keys.of("ServerA")), b(net.system, net.keys.of("ServerB"));
  auto why = refused(a, b.where(), "ServerC", net.system);
  CHECK(why.code == errc::not_authorised);
  CHECK_THAT(why.text, Contains("ServerC (127.0.0.1:") && Contains("it is ServerB, not ServerC"));
}

TEST_CASE("who can't be reached is named with address and reason") {
  two_servers net;
  running_plane a(net.system, net.keys.of("ServerA"));
  auto free_port = [&] { return running_plane(net.system, net.keys.of("ServerB")).where(); }();
  auto why = refused(a, free_port, "ServerB", net.system);
  CHECK(why.code == errc::hop_down);
  CHECK(why.text == "ServerB: can't reach " + to_string(free_port) + ": Connection refused");
}

TEST_CASE("a peer that accepts and stays silent is given up in time") {
  two_servers net;
  running_plane a(net.system, net.keys.of("ServerA"));
  asio::io_context context;
  tcp::acceptor silent(context, {asio::ip::address_v4::loopback(), 0});
  auto why = refused(a, from_asio(silent.local_endpoint()), "ServerB", net.system);
  CHECK(why.code == errc::hop_down);
  CHECK_THAT(why.text, Contains("does not answer within 3000 ms"));
}

TEST_CASE("connections to loopback come from the node's own address there") {
  two_servers net;
  key_folders foreign{"ServerA"};
  running_plane a(net.system, foreign.of("ServerA"), "127.1.7.7:0"), b(net.system, net.keys.of("ServerB"));
  auto own = refused(a, b.where(), "ServerB", net.system);
  CHECK_THAT(b.warning(), Contains("127.1.7.7:")); // the address of the peer that it refuses
}
