#include "plane_fixture.hpp"

#include "node/newcomers.hpp"

#include <asio/ssl.hpp>

#include <sys/resource.h>

using namespace hublink;
using namespace hublink::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

struct network {
  actor_config config;
  caf::actor_system system{config};
  key_folders keys{"ServerA", "ServerB"};
};

/// Two planes; B has adopted the link that A dialled.
struct linked : network {
  running_plane a{system, keys.of("ServerA"), "127.1.1.1:0"}, b{system, keys.of("ServerB"), "127.1.2.1:0"};
  owner at_a{system}, at_b{system};
  link_id from_a = 0, from_b = 0;

  linked() {
    from_a = a->dial(b.where(), "ServerB", at_a.as<link_owner>());
    from_b = b.acceptor.wait<link_up>().id;
    b->adopt(from_b, at_b.as<link_owner>());
    at_a.wait<link_up>();
  }
};

failure refused(running_plane& from, const endpoint& where, const std::string& name,
                caf::actor_system& system) {
  owner asking(system);
  from->dial(where, name, asking.as<link_owner>());
  auto why = asking.wait<link_down>().why;
  INFO(why.text);
  CHECK(why.text.find('\n') == std::string::npos);
  return why;
}

/// A client that speaks TLS with a node's keys and says what it likes.
struct raw_link {
  asio::io_context context;
  std::shared_ptr<asio::ssl::context> tls;
  std::unique_ptr<asio::ssl::stream<tcp::socket>> stream;

  raw_link(const plane_identity& own, const endpoint& where) : tls(*make_tls_context(own)) {
    stream = std::make_unique<asio::ssl::stream<tcp::socket>>(context, *tls);
    stream->next_layer().connect(to_asio(where));
    timeval limit{patience.count(), 0};
    ::setsockopt(stream->next_layer().native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    stream->handshake(asio::ssl::stream_base::client);
  }
  void say(const link_message& message) { say_frame(*encode(message)); }
  void say_frame(const bytes& body) {
    std::array<std::byte, 4> head;
    put_be(head.data(), std::uint32_t(body.size()));
    asio::write(*stream, std::vector<asio::const_buffer>{asio::buffer(head), asio::buffer(body)});
  }
  link_message read() {
    std::array<std::byte, 4> head;
    asio::read(*stream, asio::buffer(head));
    bytes body(get_be<std::uint32_t>(head.data()));
    asio::read(*stream, asio::buffer(body));
    return *decode(body);
  }
  /// The other side has closed the connection.
  bool is_over() {
    std::error_code error;
    std::byte octet;
    while (!error) asio::read(*stream, asio::buffer(&octet, 1), error);
    return error != asio::error::would_block && error != asio::error::try_again;
  }
};

hello hello_of(const std::string& name) {
  hello said;
  said.name = name;
  return said;
}

} // namespace

TEST_CASE("a link is up on both sides after hello, and carries messages in order") {
  network net;
  running_plane a(net.system, net.keys.of("ServerA"), "127.1.1.1:0"),
      b(net.system, net.keys.of("ServerB"), "127.1.2.1:0");
  owner at_a(net.system), at_b(net.system);
  auto id = a->dial(b.where(), "ServerB", at_a.as<link_owner>());
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
  CHECK_FALSE(net.at_a.told->has<link_down>());
}

TEST_CASE("a plane that stops takes its links down, and nobody of its own is told") {
  linked net;
  net.b->stop();
  CHECK(net.at_a.wait<link_down>().why.code == errc::hop_down);
  CHECK_FALSE(net.at_b.told->has<link_down>());
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

TEST_CASE("a peer of another CA is refused, and both sides say so") {
  network net;
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
    CHECK_THAT(b.warning(), Contains("is refused: ServerA: its certificate is not of this network's CA"));
  }
}

TEST_CASE("a revoked certificate is refused, and both sides say so") {
  network net;
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
  network net;
  running_plane a(net.system, net.keys.of("ServerA")), b(net.system, net.keys.of("ServerB"));
  auto why = refused(a, b.where(), "ServerC", net.system);
  CHECK(why.code == errc::not_authorised);
  CHECK_THAT(why.text, Contains("ServerC (127.0.0.1:") && Contains("it is ServerB, not ServerC"));
}

TEST_CASE("who can't be reached is named with address and reason") {
  network net;
  running_plane a(net.system, net.keys.of("ServerA"));
  auto free_port = [&] { return running_plane(net.system, net.keys.of("ServerB")).where(); }();
  auto why = refused(a, free_port, "ServerB", net.system);
  CHECK(why.code == errc::hop_down);
  CHECK(why.text == "ServerB: can't reach " + to_string(free_port) + ": Connection refused");
}

TEST_CASE("a peer that accepts and stays silent is given up in time") {
  network net;
  running_plane a(net.system, net.keys.of("ServerA"));
  asio::io_context context;
  tcp::acceptor silent(context, {asio::ip::address_v4::loopback(), 0});
  auto why = refused(a, from_asio(silent.local_endpoint()), "ServerB", net.system);
  CHECK(why.code == errc::hop_down);
  CHECK_THAT(why.text, Contains("does not answer within 3000 ms"));
}

TEST_CASE("hanging up on a dial that is under way ends it silently") {
  network net;
  running_plane a(net.system, net.keys.of("ServerA")), b(net.system, net.keys.of("ServerB"));
  owner asking(net.system);
  a->hang_up(a->dial(b.where(), "ServerB", asking.as<link_owner>()));
  owner again(net.system);
  a->dial(b.where(), "ServerB", again.as<link_owner>());
  again.wait<link_up>();
  CHECK_FALSE(asking.told->has<link_up>());
}

TEST_CASE("outgoing connections come from the node's own address") {
  network net;
  key_folders foreign{"ServerA"};
  running_plane a(net.system, foreign.of("ServerA"), "127.1.7.7:0"), b(net.system, net.keys.of("ServerB"));
  auto own = refused(a, b.where(), "ServerB", net.system);
  CHECK_THAT(b.warning(), Contains("127.1.7.7:")); // the address of the peer that it refuses
}

TEST_CASE("a listening address that is taken is named") {
  network net;
  running_plane a(net.system, net.keys.of("ServerA"));
  io_plane_config config;
  config.where = a.where();
  config.own = net.keys.of("ServerB");
  auto second = io_plane::make(config);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == errc::bad_config);
  CHECK(second.error().text == "can't listen on " + to_string(a.where()) + ": Address already in use");
  config.own.key_path = "/nowhere/key.pem";
  CHECK_THAT(io_plane::make(config).error().text, Contains("can't use /nowhere/key.pem"));
}

TEST_CASE("what breaks the rules of a link ends it") {
  network net;
  running_plane b(net.system, net.keys.of("ServerB"));
  raw_link link(net.keys.of("ServerA"), b.where());
  owner at_b(net.system);
  auto greet = [&] {
    link.say(hello_of("ServerA"));
    auto up = b.acceptor.wait<link_up>();
    b->adopt(up.id, at_b.as<link_owner>());
  };
  auto ends_with = [&](const char* text) {
    auto why = at_b.wait<link_down>().why;
    CHECK(why.code == errc::bad_message);
    CHECK_THAT(why.text, Contains(text));
    CHECK(link.is_over());
  };
  SECTION("no hello first") {
    link.say(beat{});
    CHECK(link.is_over());
    CHECK_FALSE(b.acceptor.told->has<link_up>());
  }
  SECTION("hello of another name") {
    link.say(hello_of("ServerB"));
    CHECK(link.is_over());
    CHECK_THAT(b.warning(), Contains("says that it is ServerB, its certificate is of ServerA"));
  }
  SECTION("hello of another role") {
    auto said = hello_of("ServerA");
    said.role = role::manager;
    link.say(said);
    CHECK(link.is_over());
  }
  SECTION("no common version") {
    auto said = hello_of("ServerA");
    said.oldest = said.newest = version_newest + 1;
    link.say(said);
    CHECK(link.is_over());
  }
  SECTION("hello twice") {
    greet();
    link.say(hello_of("ServerA"));
    ends_with("said hello twice");
  }
  SECTION("a frame over the limit") {
    greet();
    std::array<std::byte, 4> head;
    put_be(head.data(), max_frame + 1);
    asio::write(*link.stream, asio::buffer(head));
    ends_with("sent a frame of 65537 bytes");
  }
  SECTION("an empty frame") {
    greet();
    link.say_frame({});
    ends_with("sent a frame of 0 bytes");
  }
  SECTION("a malformed message") {
    greet();
    link.say_frame(bytes(10, std::byte{0xFF}));
    ends_with("no CBOR map");
  }
  SECTION("a message of unknown type does not") {
    greet();
    link.say(unknown_message{"later", 3});
    CHECK(std::holds_alternative<unknown_message>(at_b.wait<link_received>().message));
    b.settle();
    CHECK_FALSE(at_b.told->has<link_down>());
  }
}

TEST_CASE("nothing is read from a link before it is adopted") {
  network net;
  running_plane b(net.system, net.keys.of("ServerB"));
  raw_link link(net.keys.of("ServerA"), b.where());
  link.say(hello_of("ServerA"));
  CHECK(std::holds_alternative<hello>(link.read()));
  auto up = b.acceptor.wait<link_up>();
  link.say_frame(bytes(10, std::byte{0xFF}));
  b.settle();
  b->send(up.id, beat{});
  CHECK(std::holds_alternative<beat>(link.read())); // still up
  owner late(net.system);
  b->adopt(up.id, late.as<link_owner>());
  CHECK(late.wait<link_down>().why.code == errc::bad_message);
  owner later(net.system);
  b->adopt(up.id, later.as<link_owner>());
  CHECK(later.wait<link_down>().id == up.id);
}

TEST_CASE("garbage and half a preamble get nothing but a close") {
  network net;
  running_plane b(net.system, net.keys.of("ServerB"));
  for (auto text :
       {"GET / HTTP/1.0\r\n\r\n", "\x16\x03\x01\x02", "HLX-----------------------------------------"}) {
    auto socket = call(b.where());
    REQUIRE(socket.send(text));
    socket.half_close();
    CHECK(socket.is_over());
  }
}

TEST_CASE("a thousand silent connections hold no service up") {
  network net;
  running_plane a(net.system, net.keys.of("ServerA")), b(net.system, net.keys.of("ServerB"));
  std::vector<peer> silent;
  for (int i = 0; i < 1000; ++i) silent.push_back(call(b.where()));
  owner asking(net.system);
  auto begin = std::chrono::steady_clock::now();
  a->dial(b.where(), "ServerB", asking.as<link_owner>());
  asking.wait<link_up>();
  CHECK(std::chrono::steady_clock::now() - begin < 1s);
  CHECK(silent.front().is_over()); // it went for a newer one
}

TEST_CASE("a link is made over IPv6 as well") {
  network net;
  running_plane a(net.system, net.keys.of("ServerA"), "[::1]:0"),
      b(net.system, net.keys.of("ServerB"), "[::1]:0");
  owner asking(net.system);
  a->dial(b.where(), "ServerB", asking.as<link_owner>());
  CHECK(asking.wait<link_up>().peer == "ServerB");
}

TEST_CASE("a node that ran out of file descriptors serves again once it has some") {
  network net;
  running_plane a(net.system, net.keys.of("ServerA")), b(net.system, net.keys.of("ServerB"));
  owner first(net.system), second(net.system);
  a->dial(b.where(), "ServerB", first.as<link_owner>()); // also opens what the library opens once
  first.wait<link_up>();
  rlimit before;
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  std::vector<peer> callers;
  {
    auto next_fd = rlim_t(call(b.where()).fd());
    rlimit tight{next_fd + 6, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
    while (true) { // until the process has none left: accept fails from now on
      int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (fd < 0) break;
      auto address = to_asio(b.where());
      ::connect(fd, address.data(), socklen_t(address.size()));
      callers.emplace_back(fd);
    }
    CHECK(errno == EMFILE);
    b.settle();
  }
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  a->dial(b.where(), "ServerB", second.as<link_owner>());
  CHECK(second.wait<link_up>().peer == "ServerB");
}

TEST_CASE("the oldest newcomer goes for a new one, first of the same source") {
  auto list = newcomers::make(4);
  newcomers::time_point start{100s};
  std::string dropped;
  auto admit = [&](const std::string& source, char name) {
    return list->admit(
        source, [&dropped, name] { dropped += name; }, start);
  };
  auto a = admit("x", 'a'), b = admit("y", 'b'), c = admit("x", 'c');
  auto d = admit("x", 'd');
  CHECK(dropped == "a");
  auto e = admit("z", 'e'), f = admit("y", 'f');
  CHECK(dropped == "ab");
  c.reset(); // has shown who it is
  auto g = admit("w", 'g');
  CHECK(dropped == "ab");
  CHECK(list->size() == 4);
  CHECK(list->next_deadline() == start + 5s);
  list->expire(start + 4s);
  CHECK(list->size() == 4);
  list->expire(start + 5s);
  CHECK(dropped == "abdefg");
}
