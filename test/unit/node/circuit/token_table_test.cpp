#include "node/circuit/token_table.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;
using place = token_table::place;

namespace {
const token_table::time_point start{1000s};
const place near_one{1, side::near}, far_one{1, side::far}, other{2, side::near};
} // namespace

TEST_CASE("a token opens its place once") {
  token_table table;
  auto key = make_token();
  table.add(key, near_one, start);
  CHECK(table.claim(key, start + 9s) == near_one);
  CHECK_FALSE(table.claim(key, start + 9s));
  CHECK(table.expire(start + 20s).empty());
}

TEST_CASE("a token differs in every byte that it is asked with") {
  token_table table;
  auto key = make_token();
  table.add(key, near_one, start);
  for (auto& octet : key) {
    octet ^= std::byte{1};
    CHECK_FALSE(table.claim(key, start));
    octet ^= std::byte{1};
  }
  CHECK(table.claim(key, start) == near_one);
}

TEST_CASE("tokens end after ten seconds, oldest first") {
  token_table table;
  auto first = make_token(), second = make_token(), third = make_token();
  table.add(first, near_one, start);
  table.add(second, far_one, start + 1s);
  table.add(third, other, start + 2s);
  CHECK(table.next_deadline() == start + 10s);
  CHECK_FALSE(table.claim(first, start + 10s));
  CHECK(table.claim(second, start + 10s) == far_one);
  CHECK(table.expire(start + 12s) == std::vector{near_one, other});
  CHECK_FALSE(table.next_deadline());
  CHECK(table.size() == 0);
}

TEST_CASE("the next deadline skips tokens that were claimed") {
  token_table table;
  auto first = make_token(), second = make_token();
  table.add(first, near_one, start);
  table.add(second, other, start + 3s);
  table.claim(first, start + 1s);
  CHECK(table.next_deadline() == start + 13s);
}

TEST_CASE("a circuit that is over takes its tokens along") {
  token_table table;
  auto first = make_token(), second = make_token();
  table.add(first, near_one, start);
  table.add(second, other, start);
  table.forget(1);
  CHECK_FALSE(table.claim(first, start));
  CHECK(table.claim(second, start) == other);
}

TEST_CASE("tokens are random") {
  CHECK(make_token() != make_token());
  CHECK(make_token() != token{});
}
