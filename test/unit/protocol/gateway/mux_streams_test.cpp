#include "protocol/gateway/mux_streams.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

const mux_streams::clock::time_point start{};

struct streams_fixture {
  std::shared_ptr<mux_budget> budget = std::make_shared<mux_budget>();
  mux_limits limits{};
  mux_streams make(bool dialler = true) { return {dialler, limits, budget, start}; }
};

} // namespace

TEST_CASE("each side gives its own numbers, upwards") {
  streams_fixture on;
  auto dialler = on.make(true);
  CHECK(dialler.next_number() == 1);
  CHECK(dialler.next_number() == 3);
  CHECK(dialler.take_peers_number(4));
  CHECK_FALSE(dialler.take_peers_number(2));
  CHECK_FALSE(dialler.take_peers_number(5));
  CHECK_FALSE(dialler.take_peers_number(0));
  CHECK(dialler.existed(3));
  CHECK(dialler.existed(2));
  CHECK_FALSE(dialler.existed(5));
  CHECK(on.make(false).next_number() == 2);
}

TEST_CASE("a peer opens no more than it may") {
  streams_fixture on;
  on.limits.max_streams = 3;
  on.limits.max_unanswered = 2;
  auto streams = on.make();
  streams.accept(2, 1, start);
  CHECK(streams.limit_of_peer(start) == nullptr);
  streams.accept(4, 1, start);
  CHECK(std::string{streams.limit_of_peer(start)} == "too many opens wait for their destinations");
  streams.answered(*streams.find(2));
  CHECK(streams.limit_of_peer(start) == nullptr);
  streams.accept(6, 1, start);
  CHECK(std::string{streams.limit_of_peer(start)} == "too many streams");
  streams.remove(6);
  CHECK(streams.limit_of_peer(start) == nullptr);
}

TEST_CASE("a window that is read fast grows, and gives back what it grew by") {
  streams_fixture on;
  auto all = on.budget->left;
  {
    auto streams = on.make();
    for (mux_id id : {1u, 3u}) {
      auto& stream = streams.open(id, 1, start);
      stream.promised = 0;
      streams.consumed(id, on.limits.window, start);
      CHECK(stream.window == 2 * on.limits.window);
    }
    CHECK(on.budget->left == all - 2 * on.limits.window);
    std::uint32_t given = 0;
    streams.take_credits(start, [&](mux_id, std::uint32_t count) { given += count; });
    CHECK(given == 4 * on.limits.window);
    CHECK_FALSE(streams.owe_credits());
    streams.remove(1);
    CHECK(on.budget->left == all - on.limits.window);
  }
  CHECK(on.budget->left == all);
}
