#include "node/base/time_text.hpp"
#include "node/events/trace_file.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace hublink;

TEST_CASE("times are read as users write them") {
  struct row {
    const char* text;
    std::int64_t ms;
  };
  auto each = GENERATE(row{"1970-01-02T00:00:01Z", 86'401'000}, row{"1970-01-02", 86'400'000},
                       row{"90s", 910'000}, row{"15m", 100'000}, row{"0d", 1'000'000});
  CAPTURE(each.text);
  auto read = parse_time(each.text, 1'000'000);
  REQUIRE(read);
  CHECK(*read == each.ms);
}

TEST_CASE("what is no time is refused") {
  for (auto text : {"", "s", "yesterday", "-5m", "5", "2026-13-01", "2026-01-01T00:00:00", "1.5h"}) {
    CAPTURE(text);
    auto read = parse_time(text, 0);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::bad_config);
  }
}

TEST_CASE("a trace is the events of one transfer, timed from its first") {
  char name[] = "/tmp/hublink-trace.XXXXXX";
  REQUIRE(::mkdtemp(name));
  std::ofstream{std::string{name} + "/2026-01-01.jsonl"}
      << R"({"time":"2026-01-01T00:00:00.500000Z","node":"A","event":"told","transfer":"t1"})"
         "\n"
      << "torn\n"
      << R"({"time":"2026-01-01T00:00:00.600000Z","node":"A","event":"told","transfer":"t2"})"
         "\n"
      << R"({"time":"2026-01-01T00:00:02.000250Z","node":"A","event":"closed","transfer":"t1"})"
         "\n";
  auto events = read_trace(name, "t1");
  number_times(events);
  REQUIRE(events.size() == 2);
  CHECK(events[0]["since_ms"] == 0.0);
  CHECK(events[1]["since_ms"].get<double>() == Catch::Approx(1500.25));
  CHECK(read_trace(name, "t1", 1).size() == 1);
  CHECK(read_trace("/nowhere", "t1").empty());
  std::filesystem::remove_all(name);
}

TEST_CASE("a span of time has a unit or is in seconds") {
  using namespace std::chrono_literals;
  for (auto [text, span] : {std::pair<const char*, std::chrono::milliseconds>{"10", 10s},
                            {"10s", 10s},
                            {"1.5s", 1500ms},
                            {"0.0001", 1ms},
                            {"10m", 600s},
                            {"2h", 7200s},
                            {"7d", 168h}})
    CHECK(*parse_span(text) == span);
  for (auto text : {"", "s", "0", "-1", "1x", "1 m", "m10", "nan", "inf", "1e300", "99999999999"}) {
    INFO(text);
    CHECK_FALSE(parse_span(text));
  }
}
