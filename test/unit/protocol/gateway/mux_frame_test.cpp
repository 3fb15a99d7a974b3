#include "mux_pair.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::test;

TEST_CASE("what a peer may not say ends the link with a clear line", "[mux]") {
  auto said = [](auto say) {
    mux_side side{false, {}};
    bytes line;
    append_hello(line, {1, 1000, 10});
    say(line);
    auto taken = side.link.received(line, side.now);
    return taken ? std::string("nothing") : taken.error().text;
  };
  auto starts = Catch::StartsWith("the gateway link brought ");
  auto db = mux_target{mux_target::by::gateway, "db"};
  CHECK(said([](bytes&) {}) == "nothing");
  CHECK_THAT(said([](bytes& to) { append_hello(to, {1, 1, 1}); }), starts);
  CHECK_THAT(said([](bytes& to) { append_frame(to, mux_type::data, 1, as_bytes("x")); }), starts);
  CHECK_THAT(said([&](bytes& to) { append_target(to, mux_type::open, 2, db); }), starts); // not its number
  CHECK_THAT(said([&](bytes& to) {
               for (int i = 0; i < 2; ++i) append_target(to, mux_type::open, 1, db);
             }),
             starts);
  CHECK_THAT(said([&](bytes& to) {
               append_target(to, mux_type::open, 1, db);
               append_frame(to, mux_type::data, 1, bytes(16 * 1024 + 1));
             }),
             starts); // more than its credit
  CHECK_THAT(said([&](bytes& to) {
               append_target(to, mux_type::open, 1, db);
               append_number(to, mux_type::credit, 1, 0x7fff'ffff);
             }),
             starts);
  CHECK_THAT(said([&](bytes& to) {
               append_target(to, mux_type::open, 1, db);
               for (int i = 0; i < 2; ++i) append_frame(to, mux_type::fin, 1);
             }),
             starts);
  CHECK_THAT(said([](bytes& to) { append_frame(to, mux_type::datagram, 1, {}); }), starts);
  CHECK_THAT(said([](bytes& to) { append_frame(to, mux_type::beside, 1, as_bytes("abc")); }), starts);
  CHECK_THAT(said([](bytes& to) { append_keep_alive(to, 1, {}); }), starts);
  for (auto type : {mux_type::urgent, mux_type::keep_alive}) {
    CHECK_THAT(said([&](bytes& to) {
                 append_target(to, mux_type::open, 1, db);
                 append_frame(to, type, 1, {});
               }),
               starts);
  }
  for (auto type : {mux_type::flow_rules, mux_type::beside}) {
    CHECK_THAT(said([&](bytes& to) {
                 append_target(to, mux_type::flow, 1, db);
                 append_frame(to, type, 1, as_bytes("\x03"));
               }),
               starts);
  }
  CHECK_THAT(said([](bytes& to) { to.insert(to.end(), mux_head_size, std::byte{0xff}); }), starts);
}

TEST_CASE("an earlier version is told nothing that it would not take", "[mux]") {
  mux_side side{true, {}};
  bytes line;
  append_hello(line, {1, 1000, 10});
  REQUIRE(side.link.received(line, side.now));
  auto id = side.open("!");
  side.streams[id].sends_urgent = 1;
  side.link.keep_alive(id, {true, 5, 2, 3, 0});
  auto flow = *side.link.open_flow({mux_target::by::gateway, "tftp"});
  side.link.rule_flow(flow, {reply_source::any, true});
  side.link.send_beside(flow, *endpoint::parse("127.1.2.50:7001"), as_bytes("block"));
  side.link.show(as_bytes("certificate"));
  side.link.readable(id, side.now);
  mux_buffer out;
  side.link.produce(out, 1 << 16, side.now);
  mux_frame_reader reader;
  std::vector<mux_type> types;
  for (auto rest = out.view(); !rest.empty();) {
    auto part = reader.next(rest);
    REQUIRE(part);
    if (*part) types.push_back((*part)->head.type);
  }
  CHECK(types ==
        std::vector{mux_type::hello, mux_type::open, mux_type::flow, mux_type::data, mux_type::datagram});
}

TEST_CASE("a newer certificate arrives whole, and a longer one than there is ends the link", "[mux]") {
  mux_pair pair;
  REQUIRE(pair.settle());
  auto longest = std::string(mux_max_certificate, 'c');
  pair.a.link.show(as_bytes(longest));
  pair.b.link.show(as_bytes("short"));
  REQUIRE(pair.settle());
  CHECK(pair.b.certificates == std::vector{longest});
  CHECK(pair.a.certificates == std::vector<std::string>{"short"});
  pair.a.link.show(as_bytes(longest + "c"));
  CHECK_FALSE(pair.settle());
}
