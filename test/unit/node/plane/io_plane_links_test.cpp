#include "node/base/small_file.hpp"
#include "plane_fixture.hpp"

#include <atomic>

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;

namespace {

/// Two planes; B has adopted the link that A dialled.
struct linked : two_servers {
  running_plane a{system, keys.of("ServerA"), "127.1.1.1:0"}, b{system, keys.of("ServerB"), "127.1.2.1:0"};
  owner at_a{system}, at_b{system};
  link_id from_a = 0, from_b = 0;

  linked() {
    from_a = a->dial({b.where()}, "ServerB", at_a.as<link_owner>());
    from_b = b.acceptor.wait<link_up>().id;
    b->adopt(from_b, at_b.as<link_owner>());
    at_a.wait<link_up>();
  }
};

} // namespace

TEST_CASE("a link is up on both sides after hello, and carries messages in order") {
  two_servers net;
  running_plane a(net.system, net.keys.of("ServerA"), "127.1.1.1:0"),
      b(net.system, net.keys.of("ServerB"), "127.1.2.1:0");
  owner at_a(net.system), at_b(net.system);
  auto id = a->dial({b.where()}, "ServerB", at_a.as<link_owner>());
  auto up = at_a.wait<link_up>();
  CHECK(up.id == id);
  CHECK(up.peer == "ServerB");
  CHECK(up.peer_role == role::server);
  CHECK(up.dialled);
  CHECK(up.incarnation == 7);
  for (std::uint64_t i = 0; i < 100; ++i) a->send(id, unknown_message{"count", i});

  auto seen = b.acceptor.wait<link_up>();
  CHECK(seen.peer == "ServerA");
  CHECK_FALSE(seen.dialled);
  b->adopt(seen.id, at_b.as<link_owner>());
  for (std::uint64_t i = 0; i < 100; ++i) {
    auto got = at_b.wait<link_received>();
    CHECK(got.id == seen.id);
    CHECK(std::get<unknown_message>(got.message).number == i);
  }
  b->send(seen.id, beat{true});
  CHECK(std::get<beat>(at_a.wait<link_received>().message).answer);
}

TEST_CASE("hanging up sends what is queued first, and tells only the other side") {
  linked net;
  net.a->send(net.from_a, beat{});
  net.a->hang_up(net.from_a);
  CHECK(std::holds_alternative<beat>(net.at_b.wait<link_received>().message));
  auto down = net.at_b.wait<link_down>();
  CHECK(down.id == net.from_b);
  CHECK(down.why.code == errc::hop_down);
  CHECK(down.why.text == "ServerA closed the connection");
  net.a.settle();
  CHECK_FALSE(net.at_a.notices->has<link_down>());
}

TEST_CASE("a plane that stops takes its links down, and nobody of its own is told") {
  linked net;
  net.b->stop();
  CHECK(net.at_a.wait<link_down>().why.code == errc::hop_down);
  CHECK_FALSE(net.at_b.notices->has<link_down>());
  net.b->send(net.from_b, beat{});
}

TEST_CASE("a message that can't be sent fails alone") {
  linked net;
  hublink::open request;
  request.open_id = "0123456789abcdef";
  request.transfer = "0123456789abcdef0123456789abcdef";
  request.destination.assign(300, std::string(250, 'd'));
  net.a->send(net.from_a, open_request{5, request});
  auto got = std::get<answer>(net.at_a.wait<link_received>().message);
  CHECK(got.number == 5);
  CHECK(std::get<failure>(got.body).code == errc::bad_message);
  net.a->send(net.from_a, beat{});
  net.at_b.wait<link_received>();
}

TEST_CASE("a queue that grows too long takes the link down") {
  linked net;
  running_plane& b = net.b;
  std::promise<void> released;
  asio::post(b->context(), [&, wait = released.get_future().share()] { wait.wait(); }); // B reads nothing
  opened large;
  large.receivers.assign(220, std::string(250, 'r'));
  for (std::uint64_t i = 0; i < 400; ++i) net.a->send(net.from_a, answer{i, large});
  auto why = net.at_a.wait<link_down>().why;
  released.set_value();
  CHECK(why.code == errc::busy);
  CHECK(why.text == "ServerB takes its messages too slowly");
}

TEST_CASE("hanging up on a dial that is under way ends it silently") {
  two_servers net;
  running_plane a(net.system, net.keys.of("ServerA")), b(net.system, net.keys.of("ServerB"));
  owner asking(net.system);
  a->hang_up(a->dial({b.where()}, "ServerB", asking.as<link_owner>()));
  owner again(net.system);
  a->dial({b.where()}, "ServerB", again.as<link_owner>());
  again.wait<link_up>();
  CHECK_FALSE(asking.notices->has<link_up>());
}

TEST_CASE("where another node answers at one address of a name, the others are tried") {
  two_servers net;
  running_plane a(net.system, net.keys.of("ServerA")), b(net.system, net.keys.of("ServerB"));
  running_plane other(net.system, net.keys.of("ServerA"), "127.0.0.9:0");
  owner asking(net.system);
  a->dial({other.where(), b.where()}, "ServerB", asking.as<link_owner>());
  CHECK(asking.wait<link_up>().peer == "ServerB");
  CHECK_THAT(a.warning(), Contains("its other addresses are tried"));
}

TEST_CASE("a plane that listens at several addresses is reached at each, and needs one of them alone") {
  two_servers net;
  running_plane a(net.system, net.keys.of("ServerA"));
  io_plane_config config;
  config.where = {*endpoint::parse("127.0.0.2:0"), *endpoint::parse("192.0.2.1:40000"),
                  *endpoint::parse("127.0.0.3:0")};
  config.own = net.keys.of("ServerB");
  auto made = io_plane::make(config);
  REQUIRE(made);
  auto& b = **made;
  CHECK(b.listens_at().size() == 2);
  const auto places = b.listens_at();
  owner accepting(net.system);
  b.start();
  b.listen(accepting.as<link_acceptor>());
  for (const auto& where : places) {
    owner asking(net.system);
    a->dial({where}, "ServerB", asking.as<link_owner>());
    CHECK(asking.wait<link_up>().peer == "ServerB");
  }
  b.stop();
}

TEST_CASE("a listening address that is taken is named") {
  two_servers net;
  running_plane a(net.system, net.keys.of("ServerA"));
  io_plane_config config;
  config.where = {a.where()};
  config.own = net.keys.of("ServerB");
  auto second = io_plane::make(config);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == errc::bad_config);
  CHECK(second.error().text == "can't listen on " + to_string(a.where()) + ": Address already in use");
  config.own.key_path = "/nowhere/key.pem";
  CHECK_THAT(io_plane::make(config).error().text, Contains("can't use /nowhere/key.pem"));
}

TEST_CASE("a link is made over IPv6 as well") {
  two_servers net;
  running_plane a(net.system, net.keys.of("ServerA"), "[::1]:0"),
      b(net.system, net.keys.of("ServerB"), "[::1]:0");
  owner asking(net.system);
  a->dial({b.where()}, "ServerB", asking.as<link_owner>());
  CHECK(asking.wait<link_up>().peer == "ServerB");
}

namespace {

/// Two linked planes; by A's clock it is so much later.
struct aging_link : two_servers {
  std::shared_ptr<std::atomic<std::int64_t>> later_s = std::make_shared<std::atomic<std::int64_t>>(0);
  running_plane a{system, by_own_clock(), "127.1.1.1:0"}, b{system, keys.of("ServerB"), "127.1.2.1:0"};

  plane_identity by_own_clock() const {
    auto own = keys.of("ServerA");
    own.wall_clock = [later = later_s] {
      return trust::clock_time::clock::now() + std::chrono::seconds(later->load());
    };
    return own;
  }
  void link(const owner& at_a) {
    a->dial({b.where()}, "ServerB", at_a.as<link_owner>());
    at_a.wait<link_up>();
  }
};

constexpr std::int64_t three_years_s = 3 * 365 * 86'400;

} // namespace

TEST_CASE("a link ends with its peer's certificate, at that moment") {
  aging_link net;
  auto own = net.keys.of("ServerB");
  auto text = read_small_file(own.cert_path), key = read_small_file(own.key_path);
  auto certificate = *identity::make(*text, *key);
  auto end =
      net.keys.of("ServerA").ca->check(certificate->certificate(), trust::clock_time::clock::now())->until;
  auto left = std::chrono::floor<std::chrono::seconds>(end - trust::clock_time::clock::now());
  *net.later_s = left.count() - 1;
  owner at_a(net.system);
  net.link(at_a);
  auto down = at_a.wait<link_down>(); // nothing else makes it look
  CHECK(down.why.code == errc::not_authorised);
  CHECK_THAT(down.why.text, Contains("ServerB") && Contains("expired at"));
}

TEST_CASE("a clock that jumps ahead ends links, and set back lets them come back") {
  aging_link net;
  owner before(net.system), between(net.system), after(net.system);
  net.link(before);
  *net.later_s = three_years_s;
  net.a->recheck();
  CHECK(before.wait<link_down>().why.code == errc::not_authorised);
  net.a->dial({net.b.where()}, "ServerB", between.as<link_owner>());
  CHECK(between.wait<link_down>().why.code == errc::not_authorised);
  *net.later_s = 0;
  net.link(after);
  net.a->recheck();
  net.a.settle();
  CHECK_FALSE(after.notices->has<link_down>());
}
