#include "node/circuit/waiting_limits.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;

namespace {

using step = waiting_limits::step;

/// Times count from here.
const waiting_limits::clock::time_point zero{1h};

step after(std::chrono::seconds now, waiting_limits::view seen) {
  return waiting_limits{30s, 100s}.next(seen, zero + now);
}

/// At work, or asking its owner, from the beginning on; nothing has moved since.
waiting_limits::view at_work(bool can_sign) {
  waiting_limits::view seen;
  seen.working = seen.moved = seen.sent = zero;
  seen.can_sign = can_sign;
  return seen;
}

} // namespace

TEST_CASE("who works gives signs of life, until it has been too long") {
  CHECK(after(0s, at_work(true)) == step::wait);
  CHECK(after(1s, at_work(true)) == step::sign);
  CHECK(after(99s, at_work(true)) == step::sign);
  CHECK(after(100s, at_work(true)) == step::disk_is_lost);
}

TEST_CASE("signs come in time for the shortest patience") {
  for (auto stall : {1s, 2s, 3s, 30s}) CHECK(waiting_limits{stall, 100s}.sign_every() * 2 < stall);
}

TEST_CASE("whose peer takes no signs has no longer than the peer") {
  CHECK(after(29s, at_work(false)) == step::wait);
  CHECK(after(30s, at_work(false)) == step::disk_is_lost);
}

TEST_CASE("what a disk makes safe counts after the circuit is gone") {
  auto seen = at_work(false);
  seen.alone = true;
  CHECK(after(99s, seen) == step::wait);
  CHECK(after(100s, seen) == step::disk_is_lost);
}

TEST_CASE("one thing after another is no thing that hangs, and no silence") {
  auto seen = at_work(true);
  seen.working = zero + 999s;
  CHECK(after(1000s, seen) == step::sign);
  seen.sent = zero + 1000s;
  CHECK(after(1000s, seen) == step::wait);
}

TEST_CASE("a peer is lost only when it is waited for") {
  waiting_limits::view seen;
  seen.moved = seen.sent = zero;
  CHECK(after(1000s, seen) == step::wait);
  seen.waits_for_peer = true;
  CHECK(after(29s, seen) == step::wait);
  CHECK(after(30s, seen) == step::peer_is_lost);
  seen.working = zero + 29s;
  CHECK(after(30s, seen) == step::wait);
}

TEST_CASE("an owner who takes his time is no stall, and gets no signs for ever") {
  auto seen = at_work(true);
  seen.asked = std::exchange(seen.working, std::nullopt);
  seen.waits_for_peer = true;
  CHECK(after(40s, seen) == step::sign);
  CHECK(after(100s, seen) == step::wait);
}

TEST_CASE("who was cancelled leaves a disk that does not answer") {
  auto seen = at_work(true);
  seen.closing = zero + 10s;
  CHECK(after(11s, seen) == step::sign);
  CHECK(after(12s, seen) == step::disk_is_lost);
  seen.working = zero + 11s; // it came back, and began something else
  CHECK(after(12s, seen) != step::disk_is_lost);
}
