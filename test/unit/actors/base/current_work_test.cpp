#include "actors/base/current_work.hpp"
#include "support/catch.hpp"

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
  work.drain();
  CHECK(work.is_drained());
  CHECK_FALSE(work.begin());
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
