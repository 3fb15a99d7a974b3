/// Peers that break the rules, say nothing or are too many.
#include "plane_fixture.hpp"

#include <asio/ssl.hpp>

#include <sys/resource.h>

using namespace hublink;
using namespace hublink::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

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
  hello greeting;
  greeting.name = name;
  return greeting;
}

} // namespace

TEST_CASE("what breaks the rules of a link ends it") {
  two_servers net;
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
    CHECK_FALSE(b.acceptor.notices->has<link_up>());
  }
  SECTION("hello of another name") {
    link.say(hello_of("ServerB"));
    CHECK(link.is_over());
    CHECK_THAT(b.warning(), Contains("says that it is ServerB, its certificate is of ServerA"));
  }
  SECTION("hello of another role") {
    auto greeting = hello_of("ServerA");
    greeting.role = role::manager;
    link.say(greeting);
    CHECK(link.is_over());
  }
  SECTION("no common version") {
    auto greeting = hello_of("ServerA");
    greeting.oldest = greeting.newest = version_newest + 1;
    link.say(greeting);
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
    CHECK_FALSE(at_b.notices->has<link_down>());
  }
}

TEST_CASE("nothing is read from a link before it is adopted") {
  two_servers net;
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

TEST_CASE("a new link of a peer that has as many as it may takes the place of the oldest") {
  two_servers net;
  running_plane b(net.system, net.keys.of("ServerB"));
  owner at_b(net.system);
  std::vector<std::unique_ptr<raw_link>> links;
  auto connect = [&] {
    links.push_back(std::make_unique<raw_link>(net.keys.of("ServerA"), b.where()));
    links.back()->say(hello_of("ServerA"));
    auto up = b.acceptor.wait<link_up>();
    b->adopt(up.id, at_b.as<link_owner>());
    return up.id;
  };
  auto first = connect();
  while (links.size() < std::size_t(node_limits{}.links)) connect();
  b.settle();
  CHECK_FALSE(at_b.notices->has<link_down>());
  auto last = connect();
  auto down = at_b.wait<link_down>();
  CHECK(down.id == first);
  CHECK(down.why.code == errc::busy);
  CHECK(links.front()->is_over());
  links.back()->say(beat{});
  CHECK(at_b.wait<link_received>().id == last);
}

TEST_CASE("before it has shown who it is a peer says little") {
  two_servers net;
  running_plane b(net.system, net.keys.of("ServerB"));
  raw_link link(net.keys.of("ServerA"), b.where());
  std::array<std::byte, 4> head;
  put_be(head.data(), std::uint32_t(2000));
  asio::write(*link.stream, asio::buffer(head));
  CHECK(link.is_over());
}

TEST_CASE("garbage and half a preamble get nothing but a close") {
  two_servers net;
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
  two_servers net;
  running_plane a(net.system, net.keys.of("ServerA")), b(net.system, net.keys.of("ServerB"));
  std::vector<peer> silent;
  for (int i = 0; i < 1000; ++i) silent.push_back(call(b.where()));
  owner asking(net.system);
  auto begin = std::chrono::steady_clock::now();
  a->dial({b.where()}, "ServerB", asking.as<link_owner>());
  asking.wait<link_up>();
  CHECK(std::chrono::steady_clock::now() - begin < 1s);
  CHECK(silent.front().is_over()); // it went for a newer one
}

TEST_CASE("a node that ran out of file descriptors serves again once it has some") {
  two_servers net;
  running_plane a(net.system, net.keys.of("ServerA")), b(net.system, net.keys.of("ServerB"));
  owner first(net.system), second(net.system);
  a->dial({b.where()}, "ServerB", first.as<link_owner>()); // also opens what the library opens once
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
  a->dial({b.where()}, "ServerB", second.as<link_owner>());
  CHECK(second.wait<link_up>().peer == "ServerB");
}
