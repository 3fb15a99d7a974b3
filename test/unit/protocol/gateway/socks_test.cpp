#include "protocol/gateway/socks.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

bytes raw(std::initializer_list<int> values) {
  bytes made;
  for (auto value : values) made.push_back(std::byte(value));
  return made;
}

/// Feeds exactly what is asked for; the last step.
socks_server::step talk(socks_server& server, bytes input) {
  socks_server::step last;
  byte_view rest = input;
  while (server.wants() > 0 && rest.size() >= server.wants()) {
    auto part = rest.first(server.wants());
    rest = rest.subspan(part.size());
    last = server.received(part);
    if (last.shown) last = server.judged(last.shown->user == "a" && last.shown->password.view() == "bc");
  }
  CHECK(rest.empty());
  return last;
}

} // namespace

TEST_CASE("a request by IPv4, IPv6 and name", "[socks]") {
  socks_server v4{false};
  auto asked = talk(v4, raw({5, 2, 1, 0, 5, 1, 0, 1, 127, 1, 2, 50, 0x15, 0x38})).asked;
  REQUIRE(asked);
  CHECK(to_string(asked->target) == "127.1.2.50:5432");
  socks_server v6{false};
  asked = talk(v6, raw({5, 1, 0, 5, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 80})).asked;
  REQUIRE(asked);
  CHECK(to_string(asked->target) == "[::1]:80");
  socks_server name{false};
  asked = talk(name, raw({5, 1, 0, 5, 0x83, 7, 3, 2, 'd', 'b', 0, 80})).asked;
  REQUIRE(asked);
  CHECK(asked->what == socks_server::command::datagrams);
  CHECK(asked->target.reply_timeout_s == 7);
  CHECK(asked->target.kind == mux_target::by::host);
  CHECK(to_string(asked->target) == "db:80");
}

TEST_CASE("a request that the connection itself answers", "[socks]") {
  for (bool wants_password : {false, true}) {
    socks_server server{wants_password};
    auto last = talk(server, raw({5, 1,    0x80, 1, 1,   'a', 2, 'b', 'c', //
                                  5, 0x81, 7,    1, 127, 1,   2, 50,  0x15, 0x38, 0, 0, 0x28, 0}));
    CHECK(last.reply.empty());
    CHECK(server.is_silent());
    REQUIRE(last.asked);
    CHECK(last.asked->what == socks_server::command::deferred);
    CHECK(last.asked->padding == 0x2800);
    CHECK(last.asked->target.reply_timeout_s == mux_target{}.reply_timeout_s);
    CHECK(to_string(last.asked->target) == "127.1.2.50:5432");
  }
}

TEST_CASE("a silent client without a user", "[socks]") {
  socks_server open{false};
  CHECK(talk(open, raw({5, 1, 0x80, 1, 0, 0, 5, 0x81, 0, 1, 127, 1, 2, 50, 0, 80, 0, 0, 1, 0})).asked);
  socks_server closed{true};
  auto refused = talk(closed, raw({5, 1, 0x80, 1, 0, 0}));
  CHECK(refused.failed);
  CHECK(refused.reply == raw({2}));
}

TEST_CASE("a silent client's rules come before its request", "[socks]") {
  socks_server server{false};
  auto asked =
      talk(server, raw({5, 1, 0x80, 1, 0, 0, 5, 0x84, 0,    4, 1, 0,   0, 9, 0,  2, 3,  0, 0, 0,    0,
                        0, 0, 0,    0, 0, 0, 0, 5,    0x81, 0, 1, 127, 1, 2, 50, 0, 80, 0, 0, 0x28, 0}))
          .asked;
  REQUIRE(asked);
  CHECK(asked->what == socks_server::command::deferred);
  CHECK(asked->keep_alive.on);
  CHECK(asked->keep_alive.idle_s == 9);
  CHECK(asked->padding == 0x2800);
}

TEST_CASE("what a silent client may not ask", "[socks]") {
  for (auto input : {raw({5, 1, 0x80, 1, 0, 0, 5, 1, 0, 1}), raw({5, 1, 0x80, 1, 0, 0, 5, 0x83, 0, 1}),
                     raw({5, 1, 0, 5, 0x81, 0, 1})}) {
    socks_server server{false};
    CHECK(talk(server, input).failed);
  }
}

TEST_CASE("further ports for datagrams, behind the first one", "[socks]") {
  socks_server server{false};
  REQUIRE(talk(server, raw({5, 1, 0, 5, 0x83, 7, 1, 127, 1, 2, 50, 0, 69})).asked);
  CHECK(server.wants() == 0);
  server.go_on();
  const auto rules = raw({5, 0x84, 0, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x2c, 0, 0, 0, 0});
  auto input = rules;
  auto request = raw({5, 0x83, 0, 3, 2, 'd', 'b', 0, 53});
  input.insert(input.end(), request.begin(), request.end());
  auto asked = talk(server, input).asked;
  REQUIRE(asked);
  CHECK(to_string(asked->target) == "db:53");
  CHECK(asked->target.reply_timeout_s == 300);
  CHECK(asked->replies == mux_flow_rules{reply_source::host, true});
  server.go_on();
  asked = talk(server, raw({5, 0x83, 0, 1, 127, 1, 2, 51, 0, 69})).asked;
  REQUIRE(asked);
  CHECK(to_string(asked->target) == "127.1.2.51:69");
  CHECK(asked->target.reply_timeout_s == mux_target{}.reply_timeout_s); // nothing of the one before is left
  CHECK(asked->replies == mux_flow_rules{});
  server.go_on();
  CHECK(talk(server, raw({5, 1, 0, 1})).failed);
}

TEST_CASE("a notice is no reply", "[socks]") {
  CHECK(socks_beside(*endpoint::parse("127.1.2.50:7"), *endpoint::parse("127.1.2.51:8")) ==
        raw({5, 0, 1, 1, 127, 1, 2, 50, 0, 7, 1, 127, 1, 2, 51, 0, 8}));
}

TEST_CASE("rules in front of a request, and of a stream that is there", "[socks]") {
  const bytes rules = raw({5, 0x84, 0, 4, 3, 1, 0, 5, 0, 2, 3, 0, 0, 0, 0x75, 0x30, 1, 0x2c, 0, 0});
  auto with_port = [&](int high, int low) {
    bytes all = raw({5, 1, 0});
    all.insert(all.end(), rules.begin(), rules.end());
    all.push_back(std::byte(high));
    all.push_back(std::byte(low));
    return all;
  };
  socks_server server{false};
  auto input = with_port(0, 0);
  auto request = raw({5, 0x83, 0, 1, 127, 1, 2, 50, 0, 69});
  input.insert(input.end(), request.begin(), request.end());
  auto asked = talk(server, input).asked;
  REQUIRE(asked);
  CHECK(asked->what == socks_server::command::datagrams);
  CHECK(to_string(asked->target) == "127.1.2.50:69");
  CHECK(asked->target.reply_timeout_s == 300);
  CHECK(asked->replies == mux_flow_rules{reply_source::host, true});
  CHECK(asked->keep_alive == mux_keep_alive{true, 5, 2, 3, 30'000});

  socks_server later{false};
  asked = talk(later, with_port(0x15, 0x38)).asked;
  REQUIRE(asked);
  CHECK(asked->what == socks_server::command::rules);
  CHECK(asked->target.where.port == 5432);
  CHECK(asked->keep_alive.idle_s == 5);
}

TEST_CASE("a client of another protocol hears that protocol's refusal", "[socks]") {
  auto told = [](const char* first) {
    socks_server server{false};
    auto step = server.received(as_bytes(std::string_view(first, 2)));
    CHECK(step.failed);
    return std::string(as_text(step.reply));
  };
  CHECK(told("\x04\x01") == std::string("\0\x5b\0\0\0\0\0\0", 8));
  CHECK_THAT(told("CO"), Catch::StartsWith("HTTP/1.1 501 ") && Catch::Contains("SOCKS5"));
  CHECK(told("\x16\x03").starts_with("\x15"));
  CHECK(told("\x05\0").empty());
  CHECK(told("x\n").empty());
}

TEST_CASE("an address that is written as a name is an address", "[socks]") {
  socks_server server{false};
  auto asked =
      talk(server, raw({5, 1, 0, 5, 1, 0, 3, 9, '1', '2', '7', '.', '0', '.', '0', '.', '1', 0, 80})).asked;
  REQUIRE(asked);
  CHECK(asked->target.kind == mux_target::by::address);
}

TEST_CASE("users and passwords", "[socks]") {
  socks_server right{true};
  CHECK(talk(right, raw({5, 2, 0, 2, 1, 1, 'a', 2, 'b', 'c'})).reply == raw({1, 0}));
  socks_server wrong{true};
  auto refused = talk(wrong, raw({5, 1, 2, 1, 1, 'a', 2, 'b', 'x'}));
  CHECK(refused.failed);
  CHECK(refused.reply == raw({1, 1}));
  socks_server none{true};
  CHECK(talk(none, raw({5, 1, 0})).reply == raw({5, 0xff}));
}

TEST_CASE("nothing is taken before the password was judged", "[socks]") {
  socks_server server{true};
  auto shown = [&] {
    socks_server::step last;
    for (auto part : {raw({5, 1}), raw({2}), raw({1, 1}), raw({'a', 2}), raw({'b', 'c'})})
      last = server.received(part);
    return last;
  }();
  REQUIRE(shown.shown);
  CHECK(shown.reply.empty());
  CHECK(server.wants() == 0);
  CHECK(server.received(raw({5, 1, 0, 1})).failed);
  socks_server unasked{true};
  CHECK(unasked.judged(true).failed);
}

TEST_CASE("what is no request is refused", "[socks]") {
  for (auto input :
       {raw({4, 1}), raw({5, 0}), raw({5, 1, 0, 4, 1, 0, 1}), raw({5, 1, 0, 5, 2, 0, 1}),
        raw({5, 1, 0, 5, 1, 0, 9}), raw({5, 1, 0, 5, 1, 0, 3, 0}), raw({5, 1, 0, 5, 1, 0, 3, 1, 7, 0, 80})}) {
    socks_server server{false};
    CHECK(talk(server, input).failed);
  }
}

TEST_CASE("replies", "[socks]") {
  CHECK(socks_reply({}, *endpoint::parse("127.1.1.1:258")) == raw({5, 0, 0, 1, 127, 1, 1, 1, 1, 2}));
  CHECK(socks_reply({}, *endpoint::parse("[::1]:80")).size() == 22);
  CHECK(socks_reply(mux_reason::refused, {})[1] == std::byte{5});
  CHECK(socks_reply(mux_reason::not_allowed, {})[1] == std::byte{2});
  CHECK(socks_code(mux_reason::refused) == std::byte{5});
}
