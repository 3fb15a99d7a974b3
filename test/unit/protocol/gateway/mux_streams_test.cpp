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
  const mux_target db{.name = "db"};
  auto streams = on.make();
  streams.accept(2, db, 1, start);
  CHECK(streams.limit_of_peer(db, start) == nullptr);
  streams.accept(4, db, 1, start);
  CHECK(std::string{streams.limit_of_peer(db, start)} == "too many opens wait for their destinations");
  streams.answered(2);
  CHECK(streams.limit_of_peer(db, start) == nullptr);
  streams.accept(6, db, 1, start);
  CHECK(std::string{streams.limit_of_peer(db, start)} == "too many streams");
  streams.remove(6);
  CHECK(streams.limit_of_peer(db, start) == nullptr);
}

TEST_CASE("a destination that does not answer leaves room for others") {
  streams_fixture on;
  on.limits.max_unanswered = 8;
  const mux_target silent{.name = "silent"}, healthy{.name = "db"};
  const mux_target other{.kind = mux_target::by::host, .name = "silent"};
  auto streams = on.make();
  mux_id id = 2;
  for (; streams.limit_of_peer(silent, start) == nullptr; id += 2) streams.accept(id, silent, 1, start);
  CHECK(id == 2 + 2 * 6);
  CHECK(std::string{streams.limit_of_peer(silent, start)} == "too many opens wait for that destination");
  for (int i = 0; i < 100; ++i) { // one after the other, as they are answered
    REQUIRE(streams.limit_of_peer(healthy, start) == nullptr);
    streams.accept(id, healthy, 1, start);
    streams.answered(id);
    streams.remove(id);
    id += 2;
  }
  CHECK(streams.limit_of_peer(other, start) == nullptr);
  streams.remove(2); // its time was up
  CHECK(streams.limit_of_peer(silent, start) == nullptr);
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
