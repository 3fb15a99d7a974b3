#include "node/socket/waitable_socket.hpp"

#include "loopback.hpp"

#include <filesystem>
#include <fstream>

using namespace hublink;
using namespace hublink::test;

namespace {

/// Whether an epoll instance of this process has it: `tfd:` lines of proc(5).
bool reactor_knows(int fd) {
  for (auto& entry : std::filesystem::directory_iterator("/proc/self/fdinfo")) {
    std::ifstream file(entry.path());
    for (std::string word; file >> word;)
      if (int found = -1; word == "tfd:" && file >> found && found == fd) return true;
  }
  return false;
}

struct watched {
  asio::io_context context; // run by the test itself
  std::pair<tcp::socket, peer> pair = make_pair(context);
  waitable_socket socket{context.get_executor(), std::move(pair.first)};
  peer far = std::move(pair.second);
  int ended = 0;

  void wait(tcp::socket::wait_type event) {
    socket.async_wait(event, [this] {
      socket.waited();
      ++ended;
    });
  }
  void run_one() {
    context.restart();
    REQUIRE(context.run_one_for(patience) == 1);
  }
};

TEST_CASE("a waitable socket is known to the reactor only while somebody waits") {
  watched pair;
  auto fd = pair.socket.native_handle();
  CHECK_FALSE(reactor_knows(fd));
  pair.wait(tcp::socket::wait_read);
  pair.wait(tcp::socket::wait_write);
  CHECK(reactor_knows(fd));
  pair.run_one(); // there is room to write
  CHECK(pair.ended == 1);
  CHECK(reactor_knows(fd)); // for the other wait
  REQUIRE(pair.far.send("x"));
  pair.run_one();
  CHECK(pair.ended == 2);
  CHECK_FALSE(reactor_knows(fd));
}

TEST_CASE("a wait sees bytes that came before it") {
  watched pair;
  for (int i = 0; i < 3; ++i) {
    REQUIRE(pair.far.send("x"));
    pair.wait(tcp::socket::wait_read);
    pair.run_one();
    char got = 0;
    CHECK(::recv(pair.socket.native_handle(), &got, 1, MSG_DONTWAIT) == 1);
  }
  CHECK(pair.ended == 3);
}

TEST_CASE("closing a waitable socket ends its waits, and later ones at once") {
  watched pair;
  pair.wait(tcp::socket::wait_read);
  pair.socket.close();
  CHECK(pair.socket.native_handle() == -1);
  pair.run_one();
  CHECK(pair.ended == 1);
  pair.wait(tcp::socket::wait_read);
  pair.run_one();
  CHECK(pair.ended == 2);
  CHECK(pair.far.at_end());
}

TEST_CASE("resetting a waitable socket shows its peer an error") {
  watched pair;
  pair.wait(tcp::socket::wait_read);
  pair.socket.reset();
  pair.run_one();
  CHECK(pair.far.is_reset());
}

TEST_CASE("a waitable socket for another executor is of its line, the one before is not") {
  watched pair;
  std::string refused;
  auto line = std::make_shared<neighbour_line>(
      [&](const std::string& name, std::error_code, const std::string&) { refused = name; });
  tcp::socket other{pair.context};
  tcp::acceptor listener{pair.context, {asio::ip::address_v4::loopback(), 0}};
  other.connect(listener.local_endpoint());
  auto peer = listener.accept();
  const auto now = neighbour_line::clock::now();
  auto member = line->join(other.native_handle(), {}, now);
  auto first = std::make_shared<waitable_socket>(pair.context.get_executor(), std::move(other), member);
  auto second = first->again_on(pair.context.get_executor());
  first.reset();
  CHECK(line->report().connections == 1);
  CHECK(::send(second->native_handle(), "12345", 5, 0) == 5);
  CHECK(line->look({}, now));
  second->reset();
  CHECK(line->report().connections == 0);
  CHECK(line->report().bytes_out <= 6); // what the kernel forgot in a reset is not taken from it
}

TEST_CASE("a reset reaches the peer although somebody hangs with the socket open") {
  watched pair;
  auto again = pair.socket.again_on(pair.context.get_executor());
  again->reset();
  CHECK(pair.socket.native_handle() != -1);
  CHECK(pair.far.is_reset());
}

} // namespace
