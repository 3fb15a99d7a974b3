#include "node/socket/waitable_socket.hpp"

#include "loopback.hpp"

#include <filesystem>
#include <fstream>

using namespace hublink;
using namespace hublink::test;

namespace {

/// Whether an epoll instance of this process has it: `tfd:` lines of proc(5).
bool reactor_knows(int fd) {
  for (auto& one : std::filesystem::directory_iterator("/proc/self/fdinfo")) {
    std::ifstream file(one.path());
    for (std::string word; file >> word;)
      if (int found = -1; word == "tfd:" && file >> found && found == fd) return true;
  }
  return false;
}

struct watched {
  asio::io_context context; // run by the test itself
  std::pair<tcp::socket, peer> pair = make_pair(context);
  quiet_socket socket{context.get_executor(), std::move(pair.first)};
  peer far = std::move(pair.second);
  int ended = 0;

  void wait(tcp::socket::wait_type event) {
    socket.async_wait(event, [this] { ++ended; });
  }
  void run_one() {
    context.restart();
    REQUIRE(context.run_one_for(patience) == 1);
  }
};

TEST_CASE("a quiet socket is known to the reactor only while somebody waits") {
  watched one;
  auto fd = one.socket.native_handle();
  CHECK_FALSE(reactor_knows(fd));
  one.wait(tcp::socket::wait_read);
  one.wait(tcp::socket::wait_write);
  CHECK(reactor_knows(fd));
  one.run_one(); // there is room to write
  CHECK(one.ended == 1);
  CHECK(reactor_knows(fd)); // for the other wait
  REQUIRE(one.far.send("x"));
  one.run_one();
  CHECK(one.ended == 2);
  CHECK_FALSE(reactor_knows(fd));
}

TEST_CASE("a wait sees bytes that came before it") {
  watched one;
  for (int i = 0; i < 3; ++i) {
    REQUIRE(one.far.send("x"));
    one.wait(tcp::socket::wait_read);
    one.run_one();
    char got = 0;
    CHECK(::recv(one.socket.native_handle(), &got, 1, MSG_DONTWAIT) == 1);
  }
  CHECK(one.ended == 3);
}

TEST_CASE("closing a quiet socket ends its waits, and later ones at once") {
  watched one;
  one.wait(tcp::socket::wait_read);
  one.socket.close();
  CHECK(one.socket.native_handle() == -1);
  one.run_one();
  CHECK(one.ended == 1);
  one.wait(tcp::socket::wait_read);
  one.run_one();
  CHECK(one.ended == 2);
  CHECK(one.far.at_end());
}

TEST_CASE("resetting a quiet socket shows its peer an error") {
  watched one;
  one.wait(tcp::socket::wait_read);
  one.socket.reset();
  one.run_one();
  CHECK(one.far.is_reset());
}

} // namespace
