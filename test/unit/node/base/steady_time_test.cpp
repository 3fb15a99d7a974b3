#include "node/base/steady_time.hpp"
#include "support/catch.hpp"

#include <fstream>

#include <unistd.h>

using namespace hublink;
using Catch::Contains;

namespace {

constexpr std::int64_t hour = 3'600'000, day = 24 * hour, noon = 1'900'000'000'000;

time_mark at(const std::string& boot, std::int64_t since_boot_ms, std::int64_t wall_ms) {
  return {boot, since_boot_ms, wall_ms, 0};
}

struct machine {
  std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("hublink-clock-" + std::to_string(::getpid()));
  time_mark now = at("a", 5'000, noon);

  machine() { std::filesystem::remove(file); }
  ~machine() { std::filesystem::remove(file); }
  std::unique_ptr<steady_time> start() {
    return std::move(*steady_time::open(file, [this] { return now; }));
  }
  void pass(std::int64_t ms) {
    now.since_boot_ms += ms;
    now.wall_ms += ms;
  }
};

} // namespace

TEST_CASE("a node's count of time goes on by the kernel's, whatever the wall clock says") {
  machine on;
  auto time = on.start();
  CHECK(time->now_ms() == noon);
  CHECK_FALSE(time->news());
  on.pass(hour);
  CHECK(time->now_ms() == noon + hour);
  CHECK_FALSE(time->news());

  on.now.wall_ms += 8 * day;
  CHECK(time->now_ms() == noon + hour);
  CHECK_THAT(time->news().value(), Contains("set forward by 8 days") && Contains("nothing is deleted"));
  CHECK_FALSE(time->news()); // once
  on.now.wall_ms -= 8 * day;
  CHECK_THAT(time->news().value(), Contains("set back by 8 days"));
  CHECK(time->now_ms() == noon + hour);
}

TEST_CASE("a restarted node goes on with its count") {
  machine on;
  REQUIRE(on.start()->save());
  on.pass(2 * day); // the node was off, the machine was not
  CHECK(on.start()->now_ms() == noon + 2 * day);

  on.now.wall_ms += 30 * day; // and its clock was set meanwhile
  auto time = on.start();
  CHECK(time->now_ms() == noon + 2 * day);
  CHECK_THAT(time->news().value(), Contains("set forward by 30 days"));
}

TEST_CASE("what a machine was off for does not count, whichever way its clock went") {
  machine on;
  on.start();
  auto [wall, words] = GENERATE(std::pair{noon + 40 * day, "the machine was off, or its clock was set"},
                                std::pair{noon - 20'000 * day, "before this node ran last"});
  on.now = at("b", 3'000, wall);
  auto time = on.start();
  CHECK(time->now_ms() == noon);
  CHECK_THAT(time->news().value(), Contains(words));
  on.pass(hour);
  CHECK(time->now_ms() == noon + hour);
}

TEST_CASE("a clock that is slewed is no news") {
  machine on;
  auto time = on.start();
  on.pass(hour);
  on.now.wall_ms += 20'000;
  CHECK_FALSE(time->news());
}

TEST_CASE("a count that can't be read begins anew") {
  machine on;
  for (auto text :
       {"", "{", "[]", R"({"boot":"a"})", R"({"boot":1,"since_boot_ms":1,"wall_ms":1,"steady_ms":1})",
        R"({"boot":"a","since_boot_ms":1,"wall_ms":1,"steady_ms":"7"})"}) {
    std::ofstream{on.file} << text;
    CAPTURE(text);
    CHECK(on.start()->now_ms() == on.now.wall_ms);
  }
}
