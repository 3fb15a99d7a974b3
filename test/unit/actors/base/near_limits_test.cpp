#include "actors/base/near_limits.hpp"
#include "actors/base/share_pool.hpp"
#include "support/catch.hpp"

#include <memory>

using namespace hublink;

TEST_CASE("a limit is named from 80 % on, in the same words, until it is gone") {
  near_limits limits;
  auto pool = std::make_shared<share_pool>(100);
  limits.watch("sessions", [weak = std::weak_ptr{pool}]() -> std::optional<unsigned> {
    auto alive = weak.lock();
    return alive ? std::optional{alive->percent_taken()} : std::nullopt;
  });
  share_pool::portion some{pool, "a"}, more{pool, "b"};
  CHECK(some.take(60));
  CHECK(limits.warnings().empty());
  share_pool::portion there{pool, "c", 20};
  CHECK(limits.warnings() == std::vector<std::string>{"sessions: more than 80 % of the limit are in use"});
  some.give_back(10);
  CHECK(limits.warnings().empty());
  some = {};
  more = {};
  there = {};
  pool.reset();
  CHECK(limits.warnings().empty());
}
