#include "node/base/answered_within.hpp"
#include "support/catch.hpp"

#include <memory>

using namespace hublink;
using namespace std::chrono_literals;

TEST_CASE("what answers in time is heard, what does not goes on by itself") {
  CHECK(answered_within(10s, [] { return 7; }) == 7);
  auto hold = std::make_shared<std::promise<void>>();
  auto over = std::make_shared<std::promise<void>>();
  auto is_over = over->get_future();
  CHECK(answered_within(20ms, [hold, over] {
          hold->get_future().wait();
          over->set_value();
          return 7;
        }) == std::nullopt);
  hold->set_value();
  CHECK(is_over.wait_for(10s) == std::future_status::ready);
}
