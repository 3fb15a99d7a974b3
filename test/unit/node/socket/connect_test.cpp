#include "node/socket/connect.hpp"

#include "loopback.hpp"
#include "node/socket/name_lookups.hpp"
#include "node/socket/slow_addresses.hpp"

using namespace hublink;
using namespace hublink::test;
using namespace std::chrono_literals;

namespace {

endpoint at(const char* text) { return *endpoint::parse(text); }

/// A port at which connections wait, or, closed again, one where nobody listens.
struct door {
  asio::io_context context;
  tcp::acceptor listener{context};
  endpoint where;

  explicit door(const char* address, int backlog = 16) {
    auto wanted = to_asio({*ip_address::parse(address), 0});
    listener.open(wanted.protocol());
    listener.bind(wanted);
    listener.listen(backlog);
    where = from_asio(listener.local_endpoint());
  }
};

endpoint closed_port(const char* address) { return door{address}.where; }

struct dial_result {
  bool connected = false;
  endpoint where;
  std::error_code error;
  std::string text;
};

dial_result dial(const endpoints& where, dial_settings how = {}) {
  io_thread io;
  std::promise<dial_result> promise;
  connect_plainly(io.context, where, how, [&](dialled got) {
    promise.set_value({got.socket != nullptr, got.where, got.error, got.text});
  });
  auto future = promise.get_future();
  REQUIRE(future.wait_for(patience) == std::future_status::ready);
  return future.get();
}

} // namespace

TEST_CASE("the addresses of a name are tried until one answers") {
  door open{"127.0.0.3"};
  const auto refused = closed_port("127.0.0.2"), other = closed_port("127.0.0.4");
  auto got = dial({refused, other, open.where});
  CHECK(got.connected);
  CHECK(got.where == open.where);
  got = dial({open.where, refused});
  CHECK(got.where == open.where);
}

TEST_CASE("an address that says nothing costs a moment, not the dial's time") {
  door full{"127.0.0.2", 0}, open{"127.0.0.3"};
  io_thread io;
  std::vector<std::shared_ptr<tcp::socket>>
      fill; // its queue: nobody accepts, and later ones are not answered
  for (int i = 0; i < 4; ++i) {
    auto socket = std::make_shared<tcp::socket>(io.context);
    const auto where = to_asio(full.where);
    socket->open(tcp::v4());
    socket->native_non_blocking(true);
    ::connect(socket->native_handle(), where.data(), where.size()); // asio's own would wait
    fill.push_back(socket);
  }
  std::this_thread::sleep_for(50ms); // no synchronisation: earlier dials would only make it easier
  auto start = std::chrono::steady_clock::now();
  auto got = dial({full.where, open.where});
  CHECK(got.where == open.where);
  CHECK(std::chrono::steady_clock::now() - start < 2s);
  io.stop();
}

TEST_CASE("an address that did not answer comes last for a minute, and first again once it does") {
  slow_addresses known;
  const auto one = at("10.0.0.1:1"), other = at("10.0.0.2:1"), third = at("[::1]:1");
  const slow_addresses::clock::time_point now{1h};
  CHECK(known.order({one, other, third}, now) == endpoints{one, other, third});
  known.note(one, now);
  CHECK(known.order({one, other, third}, now + 59s) == endpoints{other, third, one});
  CHECK(known.order({one, other, third}, now + 60s) == endpoints{one, other, third});
  known.note(other, now);
  known.forget(one);
  CHECK(known.order({one, other}, now + 1s) == endpoints{one, other});
  for (int i = 0; i < 2000; ++i) known.note({one.address, std::uint16_t(i)}, now); // bounded
  CHECK(known.order({at("10.0.0.1:1999"), third}, now + 1s).front() == at("10.0.0.1:1999"));
}

TEST_CASE("where none answers each is named with its reason") {
  const auto one = closed_port("127.0.0.2"), other = closed_port("127.0.0.3");
  auto got = dial({one, other});
  CHECK_FALSE(got.connected);
  CHECK(got.error == asio::error::connection_refused);
  CHECK(got.text == to_string(one) + ": Connection refused, " + to_string(other) + ": Connection refused");
  CHECK(dial({}).text == "no address");
}

TEST_CASE("a dial comes from where it shall") {
  dial_settings how;
  how.bind = {*ip_address::parse("10.1.0.1"), *ip_address::parse("2001:db8::1")};
  how.on_loopback = {*ip_address::parse("127.9.9.9")};
  auto from = [&](const char* to) {
    auto source = how.source_for(*ip_address::parse(to));
    return source ? to_string(*source) : "as the system chooses";
  };
  CHECK(from("10.2.0.1") == "10.1.0.1");
  CHECK(from("2001:db8::9") == "2001:db8::1");
  CHECK(from("127.1.1.1") == "127.9.9.9");
  CHECK(from("::1") == "as the system chooses");
  how = {};
  CHECK(from("10.2.0.1") == "as the system chooses");

  definition self;
  self.address = *dial_address::parse("hub.example:40000");
  CHECK(dialling_of(self).on_loopback.empty());
  self.address = at("127.1.1.1:40000");
  CHECK(dialling_of(self).on_loopback.front() == *ip_address::parse("127.1.1.1"));
}

TEST_CASE("a source that the machine does not have is named") {
  door open{"127.0.0.2"};
  dial_settings how;
  how.on_loopback = {*ip_address::parse("192.0.2.1")};
  auto got = dial({open.where}, how);
  CHECK_FALSE(got.connected);
  CHECK_THAT(got.text,
             Catch::Contains(to_string(open.where)) && Catch::Contains("can't come from 192.0.2.1"));
}

TEST_CASE("a connection to itself is refused like a closed port, and leaves the port free") {
  // A port of the kernel's own choice, dialled from that port: what happens by chance once in 28,232 dials.
  asio::io_context context;
  tcp::socket own(context);
  own.open(tcp::v4());
  own.bind(to_asio(at("127.0.0.2:0")));
  const auto where = from_asio(own.local_endpoint());
  own.close();
  bool met = false;
  dial_settings how;
  how.on_loopback = {where.address};
  for (int i = 0; i < 3 && !met; ++i) {
    auto got = dial({where}, how);
    CHECK_FALSE(got.connected);
    met = got.error == asio::error::connection_refused;
  }
  CHECK(met);
  tcp::acceptor service(context);
  service.open(tcp::v4());
  CHECK_NOTHROW(service.bind(to_asio(where)));
}

TEST_CASE("the machine's own name is looked up, and one that is none fails with the resolver") {
  io_thread io;
  auto lookups = std::make_unique<name_lookups>(io.context);
  auto ask = [&](const std::string& name) {
    auto result = std::make_shared<std::promise<outcome<std::vector<ip_address>>>>();
    auto future = result->get_future();
    io.run([&] {
      lookups->look_up(name, "tests", 5s, [result](auto found) { result->set_value(std::move(found)); });
      return 0;
    });
    REQUIRE(future.wait_for(patience) == std::future_status::ready);
    return future.get();
  };
  auto found = ask("localhost");
  REQUIRE(found);
  CHECK_FALSE(found->empty());
  auto literal = ask("127.0.0.7");
  REQUIRE(literal);
  CHECK(*literal == std::vector{*ip_address::parse("127.0.0.7")});
  auto none = ask("a name with spaces");
  REQUIRE_FALSE(none);
  CHECK_THAT(none.error().text,
             Catch::Contains("a name with spaces") && Catch::Contains("the system's resolver"));
  io.run([&] {
    lookups.reset();
    return 0;
  });
}
