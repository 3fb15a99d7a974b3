#include "actors/base/current_work.hpp"
#include "support/catch.hpp"

#include <atomic>
#include <thread>
#include <vector>

using namespace hublink;

TEST_CASE("a piece of work counts while somebody holds it") {
  current_work work;
  auto one = work.begin();
  auto same = one;
  auto other = work.begin();
  CHECK(work.pieces() == 2);
  one.reset();
  CHECK(work.pieces() == 2);
  same.reset();
  other.reset();
  CHECK(work.pieces() == 0);
}

TEST_CASE("nothing new begins in a node that is drained, and what has begun goes on") {
  current_work work;
  auto one = work.begin();
  work.drain([] {});
  CHECK(work.is_drained());
  CHECK_FALSE(work.begin());
  auto refused = work.begin("ServerA");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::busy);
  CHECK(refused.error().hop == "ServerA");
  auto part = work.go_on();
  CHECK(work.pieces() == 2);
}

TEST_CASE("a piece may outlive the node that counted it") {
  current_work::piece last;
  {
    current_work work;
    last = work.begin();
  }
  last.reset();
}

TEST_CASE("who drains is told whenever nothing is under way") {
  current_work work;
  int told = 0;
  auto one = work.begin(), other = work.begin();
  other.reset();
  work.drain([&] { ++told; });
  CHECK(told == 0);
  one.reset();
  CHECK(told == 1);
  one = work.go_on(); // what goes on after all
  one.reset();
  CHECK(told == 2);
}

TEST_CASE("who drains a node that does nothing is told at once, and may look then") {
  current_work work;
  std::size_t left = 1;
  work.drain([&] { left = work.pieces(); });
  CHECK(left == 0);
}

TEST_CASE("work of many threads ends once") {
  current_work work;
  std::atomic<int> told{0};
  std::vector<std::thread> threads;
  auto first = work.begin();
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&work, mine = work.begin()]() mutable {
      for (int each = 0; each < 1000; ++each) mine = work.go_on();
    });
  work.drain([&] { ++told; });
  for (auto& each : threads) each.join();
  threads.clear();
  CHECK(told == 0);
  first.reset();
  CHECK(told == 1);
}
