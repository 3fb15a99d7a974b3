#include "node/circuit/splicer.hpp"

#include "loopback.hpp"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <xxhash.h>

#include <random>

using namespace hublink;
using namespace hublink::test;
using namespace std::chrono_literals;

namespace {

// What the circuit tells of its end outlives the sockets, whose closing may end it.
struct joined {
  std::promise<splicer::report> promise;
  std::future<splicer::report> report = promise.get_future();
  io_thread io;
  std::pair<tcp::socket, peer> near_pair = make_pair(io.context), far_pair = make_pair(io.context);
  peer near = std::move(near_pair.second), far = std::move(far_pair.second);
  std::shared_ptr<pipe_pool> pipes = std::make_shared<pipe_pool>();
  std::shared_ptr<splicer> circuit = std::make_shared<splicer>(
      std::move(near_pair.first), std::move(far_pair.first), pipes,
      [this](splicer::report made) { promise.set_value(std::move(made)); }); // a second call would throw

  joined() {
    io.run([this] { return circuit->start(), 0; });
  }
  splicer::report end() {
    REQUIRE(report.wait_for(patience) == std::future_status::ready);
    return report.get();
  }
  bool is_over() { return report.wait_for(0s) == std::future_status::ready; }
};

/// Sends `size` random bytes of that seed, then FIN; their digest.
XXH64_hash_t send_random(peer& to, std::uint64_t seed, std::size_t size) {
  std::mt19937_64 random(seed);
  std::vector<std::uint64_t> block(32 * 1024);
  auto state = XXH3_createState();
  XXH3_64bits_reset(state);
  while (size > 0) {
    for (auto& word : block) word = random();
    auto part = std::min(size, block.size() * sizeof(block[0]));
    std::string_view text(reinterpret_cast<char*>(block.data()), part);
    XXH3_64bits_update(state, text.data(), part);
    while (!text.empty()) {
      auto sent = ::send(to.fd(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;
      text.remove_prefix(std::size_t(sent));
    }
    size -= part;
  }
  to.half_close();
  auto digest = XXH3_64bits_digest(state);
  XXH3_freeState(state);
  return digest;
}

std::pair<XXH64_hash_t, std::uint64_t> read_all(peer& from) {
  std::vector<char> block(256 * 1024);
  auto state = XXH3_createState();
  XXH3_64bits_reset(state);
  std::uint64_t total = 0;
  for (ssize_t size; (size = ::recv(from.fd(), block.data(), block.size(), 0)) > 0;
       total += std::uint64_t(size))
    XXH3_64bits_update(state, block.data(), std::size_t(size));
  auto digest = XXH3_64bits_digest(state);
  XXH3_freeState(state);
  return {digest, total};
}

/// Sends until the circuit takes no more.
void fill(peer& from) {
  std::string block(64 * 1024, 'x');
  timeval limit{0, 300'000}; // no room for that long: it is full
  ::setsockopt(from.fd(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  while (::send(from.fd(), block.data(), block.size(), MSG_NOSIGNAL) == ssize_t(block.size())) {
  }
}

} // namespace

TEST_CASE("each direction ends by itself") {
  joined at;
  REQUIRE(at.near.send("forth"));
  at.near.half_close();
  CHECK(at.far.read(5) == "forth");
  CHECK(at.far.at_end());
  REQUIRE(at.far.send("back"));
  CHECK(at.near.read(4) == "back");
  CHECK_FALSE(at.is_over());
  at.far.half_close();
  CHECK(at.near.at_end());
  auto report = at.end();
  CHECK(report.result);
  CHECK(report.to_far == 5);
  CHECK(report.to_near == 4);
}

TEST_CASE("the far side may end first, and a circuit may carry nothing") {
  joined at;
  at.far.half_close();
  CHECK(at.near.at_end());
  at.near.half_close();
  CHECK(at.far.at_end());
  auto report = at.end();
  CHECK(report.result);
  CHECK(report.to_far + report.to_near == 0);
}

TEST_CASE("a reset on one side is a reset on the other") {
  joined at;
  REQUIRE(at.near.send("x"));
  CHECK(at.far.read(1) == "x");
  SECTION("near") {
    at.near.reset();
    CHECK(at.far.is_reset());
  }
  SECTION("far") {
    at.far.reset();
    CHECK(at.near.is_reset());
  }
  SECTION("after the other direction ended") {
    at.far.half_close();
    CHECK(at.near.at_end());
    at.near.reset();
    CHECK(at.far.is_reset());
  }
  CHECK(at.end().result.error().code == errc::cut);
}

TEST_CASE("a break is noticed while the other side is blocked") {
  joined at;
  SECTION("the writer breaks while the reader does not read") {
    fill(at.near);
    at.near.reset();
    CHECK(at.end().result.error().code == errc::cut);
    CHECK(at.far.is_reset());
  }
  SECTION("the blocked reader breaks") {
    fill(at.near);
    at.far.reset();
    CHECK(at.end().result.error().code == errc::cut);
    CHECK(at.near.is_reset());
  }
  SECTION("both are blocked") {
    fill(at.near);
    fill(at.far);
    at.far.reset();
    CHECK(at.end().result.error().code == errc::cut);
    CHECK(at.near.is_reset());
  }
}

TEST_CASE("the owner closes a circuit with its reason") {
  joined at;
  at.io.run([&] { return at.circuit->close({errc::cancelled, "", "enough"}), 0; });
  CHECK(at.end().result.error() == failure{errc::cancelled, "", "enough"});
  CHECK(at.near.is_reset());
  CHECK(at.far.is_reset());
  at.io.run([&] { return at.circuit->close({errc::cancelled, "", "again"}), 0; });
}

TEST_CASE("a circuit that has drained when its owner closes it is done") {
  joined at;
  at.io.run([&] {
    at.near.send("all");
    at.near.half_close();
    at.far.half_close();
    at.circuit->close({errc::cut, "", "too late"});
    return 0;
  });
  auto report = at.end();
  CHECK(report.result);
  CHECK(report.to_far == 3);
  CHECK(at.far.read(3) == "all");
  CHECK(at.far.at_end());
}

TEST_CASE("a hundred MiB each way at once arrive as they were sent") {
  constexpr std::size_t size = 100 << 20;
  joined at;
  auto sent_forth = std::async(std::launch::async, [&] { return send_random(at.near, 1, size); });
  auto sent_back = std::async(std::launch::async, [&] { return send_random(at.far, 2, size); });
  auto got_back = std::async(std::launch::async, [&] { return read_all(at.near); });
  auto got_forth = read_all(at.far);
  CHECK(got_forth.first == sent_forth.get());
  CHECK(got_forth.second == size);
  CHECK(got_back.get().first == sent_back.get());
  auto report = at.end();
  CHECK(report.result);
  CHECK(report.to_far == size);
  CHECK(report.to_near == size);
}

TEST_CASE("single bytes are not held back") {
  joined at;
  int on = 1;
  for (auto end : {&at.near, &at.far}) ::setsockopt(end->fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  constexpr int rounds = 200;
  auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; ++i) {
    REQUIRE(at.near.send("a"));
    REQUIRE(at.far.read(1) == "a");
    REQUIRE(at.far.send("b"));
    REQUIRE(at.near.read(1) == "b");
  }
  // Delayed acknowledgements or SPLICE_F_MORE would cost 40 to 400 ms a round.
  CHECK(std::chrono::steady_clock::now() - begin < rounds * 20ms);
}

TEST_CASE("pipes are lent only while bytes are inside") {
  constexpr int circuits = 100;
  auto open_files = [] {
    int count = 0;
    for (int fd = 0; fd < 4096; ++fd) count += ::fcntl(fd, F_GETFD) >= 0;
    return count;
  };
  io_thread io;
  auto pipes = std::make_shared<pipe_pool>();
  std::vector<std::pair<peer, peer>> ends;
  std::vector<std::shared_ptr<splicer>> all;
  for (int i = 0; i < circuits; ++i) {
    auto near = make_pair(io.context), far = make_pair(io.context);
    all.push_back(std::make_shared<splicer>(std::move(near.first), std::move(far.first), pipes, [](auto) {}));
    ends.emplace_back(std::move(near.second), std::move(far.second));
  }
  auto before = open_files();
  io.run([&] {
    for (auto& circuit : all) circuit->start();
    return 0;
  });
  for (auto& [near, far] : ends) {
    REQUIRE(near.send("hello"));
    CHECK(far.read(5) == "hello");
  }
  io.run([] { return 0; });
  CHECK(open_files() - before <= 2 * 16);
  io.run([&] {
    for (auto& circuit : all) circuit->close({errc::cancelled, "", "end"});
    return 0;
  });
}
