#include "node/line/neighbour_line.hpp"
#include "node/socket/sockets.hpp"
#include "support/catch.hpp"

#include <asio/io_context.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>

using namespace hublink;

namespace {

/// Two connected sockets of loopback.
struct joined_sockets {
  asio::io_context context;
  tcp::acceptor listener{context, {asio::ip::address_v4::loopback(), 0}};
  tcp::socket one{context}, other{context};

  joined_sockets() {
    one.connect(listener.local_endpoint());
    listener.accept(other);
  }

  void carry(std::size_t size) {
    std::vector<char> block(size);
    asio::write(one, asio::buffer(block));
    asio::read(other, asio::buffer(block));
    char heard = 0; // by then the first one's bytes are acknowledged
    asio::write(other, asio::buffer(&heard, 1));
    asio::read(one, asio::buffer(&heard, 1));
  }
};

struct refused {
  std::string name, instead;
  int error = 0;
};

struct watched_line {
  std::vector<refused> refusals;
  std::shared_ptr<neighbour_line> line = std::make_shared<neighbour_line>(
      [this](const std::string& name, std::error_code why, const std::string& instead) {
        refusals.push_back({name, instead, why.value()});
      });
};

line_settings with(const std::string& congestion) { return {congestion}; }
const auto now = neighbour_line::clock::time_point{std::chrono::hours{1}};

} // namespace

TEST_CASE("a line's connections are counted together, to their ends") {
  joined_sockets a, b;
  watched_line of;
  auto first = of.line->join(a.one.native_handle(), {}, now);
  auto second = of.line->join(b.other.native_handle(), {}, now);
  CHECK(of.line->report().connections == 2);
  a.carry(40'000);
  CHECK(of.line->look({}, now));
  CHECK(of.line->report().bytes_out >= 40'000);
  CHECK(of.line->report().bytes_in == 1);
  CHECK(of.line->report().segments_out > 0);
  CHECK(of.line->report().round_trip.count() > 0);
  CHECK(!of.line->look({}, now));
  b.carry(5000);
  second->leave(); // it is measured once more
  second->leave();
  b.other.close();
  CHECK(of.line->report().bytes_in == 5001);
  CHECK(of.line->report().connections == 1);
  first.reset(); // closed without a word: nobody looks at it any more
  a.one.close();
  CHECK(of.line->report().connections == 0);
  CHECK(!of.line->look({}, now));
  CHECK(of.refusals.empty());
}

TEST_CASE("a line's connections have the congestion control that is set, also while they are there") {
  joined_sockets a;
  const auto fd = a.one.native_handle();
  const auto own = congestion_control_of(fd);
  const std::string other = own == "reno" ? "cubic" : "reno"; // reno is always there, and allowed
  if (own == "reno" && set_congestion_control(a.other.native_handle(), other)) return;
  watched_line of;
  auto member = of.line->join(fd, with(other), now);
  CHECK(congestion_control_of(fd) == other);
  CHECK(of.line->report().congestion == other);
  of.line->look(with("system"), now);
  CHECK(congestion_control_of(fd) == own);
  of.line->look(with(other), now);
  CHECK(congestion_control_of(fd) == other);
  of.line->look(with("auto"), now); // nothing speaks against the system's
  CHECK(congestion_control_of(fd) == own);
  a.one.close();
}

TEST_CASE("what the kernel refuses is told once, and the connection stays as it was") {
  joined_sockets a, b;
  watched_line of;
  const auto own = congestion_control_of(a.one.native_handle());
  auto first = of.line->join(a.one.native_handle(), with("no-such"), now);
  auto second = of.line->join(b.one.native_handle(), with("no-such"), now);
  of.line->look(with("no-such"), now + std::chrono::minutes{1});
  REQUIRE(of.refusals.size() == 1);
  CHECK(of.refusals[0].name == "no-such");
  CHECK(of.refusals[0].instead == own);
  CHECK(of.refusals[0].error == ENOENT);
  CHECK(congestion_control_of(a.one.native_handle()) == own);
}
