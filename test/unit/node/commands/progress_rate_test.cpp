#include "node/commands/progress_line.hpp"
#include "node/commands/progress_rate.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <sstream>

using namespace hublink;
using namespace std::chrono_literals;

namespace {

const progress_rate::clock::time_point first_look{};

} // namespace

TEST_CASE("what was there before is no movement") {
  progress_rate rate;
  rate.see(82'000'000'000, first_look);
  CHECK_FALSE(rate.per_second());
  rate.see(82'000'000'000, first_look + 5s);
  CHECK_FALSE(rate.per_second());
  rate.see(82'000'001'000, first_look + 10s);
  CHECK(rate.per_second() == 100);
}

TEST_CASE("a moment is too short to tell") {
  progress_rate rate;
  rate.see(0, first_look);
  rate.see(1 << 20, first_look + 1ms);
  CHECK_FALSE(rate.per_second());
  rate.see(2 << 20, first_look + 1s);
  CHECK(rate.per_second() == 2 << 20);
}

TEST_CASE("the rate is that of the last ten seconds, and looking often costs nothing") {
  progress_rate rate;
  std::uint64_t bytes = 0;
  auto now = first_look;
  for (int i = 0; i < 60'000; ++i, now += 1ms) rate.see(bytes += 1000, now); // a minute of 1 MB/s
  REQUIRE(rate.per_second());
  CHECK(*rate.per_second() == Catch::Approx(1e6).epsilon(0.02));
  for (int i = 0; i < 11'000; ++i, now += 1ms) rate.see(bytes += 10, now); // then of 10 KB/s
  CHECK(*rate.per_second() == Catch::Approx(1e4).epsilon(0.02));
  for (int i = 0; i < 11'000; ++i, now += 1ms) rate.see(bytes, now);
  CHECK_FALSE(rate.per_second());
}

TEST_CASE("fewer bytes than before begin anew, and so does what was not under way") {
  progress_rate rate;
  rate.see(500, first_look);
  rate.see(1500, first_look + 1s);
  rate.see(100, first_look + 2s);
  CHECK_FALSE(rate.per_second());
  rate.see(300, first_look + 4s);
  CHECK(rate.per_second() == 100);
  rate.forget();
  rate.see(900, first_look + 5s);
  CHECK_FALSE(rate.per_second());
}

TEST_CASE("a progress line shows no rate of what it did not see") {
  std::ostringstream out;
  progress_line line{out, true};
  line.show({{"file", "FILE01"}, {"state", "running"}, {"size", 1'000'000'000u}, {"bytes", 900'000'000u}});
  CHECK(out.str().find("90% of") != std::string::npos);
  CHECK(out.str().find("/s") == std::string::npos);
}
