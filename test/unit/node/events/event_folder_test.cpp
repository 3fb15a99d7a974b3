#include "node/events/event_folder.hpp"
#include "node/events/trace_file.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <fstream>

#include <unistd.h>

using namespace hublink;
using namespace std::chrono_literals;

namespace {

constexpr auto one_day = std::chrono::days{1};

struct event_place {
  std::filesystem::path data =
      std::filesystem::temp_directory_path() / ("hublink-events-" + std::to_string(::getpid()));
  std::chrono::system_clock::time_point wall{std::chrono::sys_days{std::chrono::year{2026} / 11 / 29} + 12h};
  std::int64_t steady_ms = 1'000;
  std::unique_ptr<event_folder> events;

  event_place() {
    std::filesystem::remove_all(data);
    std::filesystem::create_directories(data);
  }
  ~event_place() {
    events.reset();
    std::filesystem::remove_all(data);
  }
  void open() {
    events.reset();
    events =
        std::move(*event_folder::open({data, "A", [this] { return wall; }, [this] { return steady_ms; }}));
  }
  void pass(std::chrono::system_clock::duration time) {
    wall += time;
    steady_ms += std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  }
  transfer_id id(int number) const {
    auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(wall.time_since_epoch()).count();
    char text[40];
    std::snprintf(text, sizeof text, "%012llx%020d", static_cast<unsigned long long>(ms), number);
    return text;
  }
  transfer_id write(int number) {
    auto transfer = id(number);
    events->write(transfer, event::opened{"B" + std::to_string(number)});
    return transfer;
  }
  std::size_t found(const transfer_id& transfer) const {
    return read_trace(data / "events", transfer).size();
  }
  std::string names() const {
    std::string all;
    for (const auto& name : segments_in(data / "events")) all += name.text() + " ";
    return all;
  }
  std::string link() const { return std::filesystem::read_symlink(data / "events.jsonl").string(); }
  void tidy(std::chrono::hours keep = 24h * 30) {
    events->tidy(keep, [] { return false; });
  }
};

} // namespace

TEST_CASE("a day has a segment, which is compressed when it is over, and a trace reads all of them") {
  event_place at;
  at.open();
  auto first = at.write(1);
  CHECK(at.link() == "events/2026-11-29.jsonl");
  at.pass(one_day);
  at.events->write(first, event::opened{"B1"}); // goes on
  auto second = at.write(2);
  CHECK(at.link() == "events/2026-11-30.jsonl");
  CHECK(at.found(first) == 2);
  at.tidy();
  CHECK(at.names() == "2026-11-29.jsonl.gz 2026-11-30.jsonl ");
  CHECK(at.found(first) == 2);
  CHECK(at.found(second) == 1);
  CHECK(at.found(at.id(3)) == 0);
  at.open();
  at.write(3);
  CHECK(at.found(first) == 2);
  CHECK(at.found(at.id(3)) == 1);
}

TEST_CASE("many blocks are found again, compressed or not, after a stop and without their index") {
  event_place at;
  at.open();
  std::vector<transfer_id> all;
  for (int i = 0; i < 9'000; ++i) {
    if (i == 4'000) at.open();
    all.push_back(at.write(i));
    at.wall += 1ms;
  }
  auto check_all = [&] {
    for (std::size_t i = 0; i < all.size(); i += 97) REQUIRE(at.found(all[i]) == 1);
  };
  check_all();
  at.events.reset();
  SECTION("the index is gone") {
    std::filesystem::remove(at.data / "events/2026-11-29.jsonl.index");
    check_all();
  }
  SECTION("the index is a part of it") {
    std::filesystem::resize_file(at.data / "events/2026-11-29.jsonl.index", 3'000);
    check_all();
  }
  SECTION("half of a line is left by a stop") {
    std::ofstream{at.data / "events/2026-11-29.jsonl", std::ios::app} << R"({"time":"2026-11)";
  }
  at.open();
  auto late = at.write(99'999);
  CHECK(at.found(late) == 1);
  check_all();
  at.pass(one_day);
  at.write(1);
  at.tidy();
  CHECK(at.names() == "2026-11-29.jsonl.gz 2026-11-30.jsonl ");
  CHECK(at.found(late) == 1);
  check_all();
}

TEST_CASE("what an operator does to the files does no harm") {
  event_place at;
  at.open();
  auto first = at.write(1);
  auto segment = at.data / "events/2026-11-29.jsonl";
  SECTION("the link is renamed") {
    std::filesystem::rename(at.data / "events.jsonl", at.data / "events.jsonl.1");
    at.events->reopen();
    CHECK(at.link() == "events/2026-11-29.jsonl");
    CHECK(at.found(first) == 1);
  }
  SECTION("the segment is renamed") {
    std::filesystem::rename(segment, at.data / "events/kept");
    at.events->reopen();
    auto second = at.write(2);
    CHECK(std::filesystem::file_size(segment) > 0);
    CHECK(at.found(second) == 1);
  }
  SECTION("the segment is removed, with its index") {
    std::filesystem::remove(segment);
    std::filesystem::remove(segment.string() + ".index");
    at.events->reopen();
    CHECK(at.found(at.write(2)) == 1);
  }
  SECTION("the segment is cut") {
    std::filesystem::resize_file(segment, 0);
    auto second = at.write(2);
    CHECK(at.found(second) == 1);
    CHECK(at.found(first) == 0);
    at.open();
    CHECK(at.found(second) == 1);
  }
  SECTION("a file stands in the link's place") {
    std::filesystem::remove(at.data / "events.jsonl");
    std::ofstream{at.data / "events.jsonl"} << "";
    at.events->reopen();
    CHECK(at.link() == "events/2026-11-29.jsonl");
  }
  CHECK(at.found(at.write(7)) == 1);
}

TEST_CASE("the trace of an earlier version becomes a segment") {
  event_place at;
  auto old = at.id(5);
  std::ofstream{at.data / "events.jsonl"}
      << R"({"time":"2026-11-29T12:00:00.000000Z","node":"A","event":"told","transfer":")" << old << "\"}\n";
  at.open();
  auto taken_over = day_text(std::chrono::system_clock::now()) + "-0.jsonl";
  CHECK(std::filesystem::exists(at.data / "events" / taken_over));
  CHECK(at.found(old) == 1);
  at.tidy();
  CHECK(std::filesystem::exists(at.data / "events" / (taken_over + ".gz")));
  CHECK(at.found(old) == 1);
  CHECK(at.found(at.write(6)) == 1);
}

TEST_CASE("a segment goes when its last line is older than that, by the steady clock alone") {
  event_place at;
  at.open();
  auto first = at.write(1);
  at.pass(one_day);
  at.write(2);
  at.tidy();
  at.wall += std::chrono::days{400}; // a clock that was set deletes nothing
  at.write(3);
  at.tidy();
  CHECK(at.found(first) == 1);
  at.wall -= std::chrono::days{400};
  at.steady_ms += std::chrono::milliseconds{24h * 31}.count();
  at.write(4);
  at.tidy();
  CHECK(at.found(first) == 0);
  CHECK(at.names().find("2026-11-29") == std::string::npos);
}

TEST_CASE("a clock that goes back finds a part for the day that was closed already") {
  event_place at;
  at.open();
  auto first = at.write(1);
  at.wall += one_day;
  auto second = at.write(2);
  at.tidy();
  at.wall -= one_day;
  auto third = at.write(3);
  CHECK(at.link() == "events/2026-11-29-2.jsonl");
  at.wall += one_day;
  at.write(4);
  at.tidy();
  CHECK(at.names() == "2026-11-29.jsonl.gz 2026-11-29-2.jsonl.gz 2026-11-30.jsonl ");
  for (const auto& id : {first, second, third}) CHECK(at.found(id) == 1);
}

TEST_CASE("a stop between the two steps of closing a segment doubles nothing") {
  event_place at;
  at.open();
  auto first = at.write(1);
  at.pass(one_day);
  at.write(2);
  auto plain = at.data / "events/2026-11-29.jsonl";
  std::filesystem::copy(plain, at.data / "kept");
  at.tidy();
  std::filesystem::rename(at.data / "kept", plain);
  CHECK(at.found(first) == 1);
  at.tidy();
  CHECK_FALSE(std::filesystem::exists(plain));
  CHECK(at.found(first) == 1);
}
