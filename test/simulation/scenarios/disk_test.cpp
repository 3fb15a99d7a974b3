/// The simulated disk keeps the promises of a real one, and no others.
#include "simulation/sim/sim_disk.hpp"
#include "support/catch.hpp"

#include <set>

using namespace hublink;
using namespace hublink::sim;

namespace {

const transfer_id id(32, '1');

bytes text(std::string_view content) {
  auto view = as_bytes(content);
  return {view.begin(), view.end()};
}

std::string read(const sim_disk& disk, const std::string& path) {
  auto found = disk.get(path);
  return found ? std::string{as_text(*found)} : "(nothing)";
}

create_file wanted(std::uint64_t size) { return {id, 1, size, 0644}; }

/// What a target may hold after a crash at a given point of a publication.
std::set<std::string> after_crash(int point) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    world in{seed};
    sim_disk disk{in, "A"};
    disk.put("in", text("old"));
    auto store = disk.mount();
    auto file = store->target("in", if_exists::replace);
    REQUIRE(file->create(wanted(4)));
    REQUIRE(file->write(0, as_bytes("ne")));
    REQUIRE(file->write(2, as_bytes("w!")));
    if (point > 0) REQUIRE(file->sync());
    if (point > 1) REQUIRE(dynamic_cast<sim_file&>(*file).rename());
    if (point > 2) REQUIRE(dynamic_cast<sim_file&>(*file).sync_directory());
    disk.crash();
    CHECK_FALSE(file->write(0, as_bytes("xx")));
    if (point > 0) REQUIRE(store->target("in", if_exists::replace)->settle({id, 1, {}}));
    seen.insert(read(disk, "in"));
  }
  return seen;
}

} // namespace

TEST_CASE("a crash leaves the target whole, and after the sync the new file can be published", "[disk]") {
  CHECK(after_crash(0) == std::set<std::string>{"old"});
  CHECK(after_crash(1) == std::set<std::string>{"new!"});
  CHECK(after_crash(2) == std::set<std::string>{"new!"});
  CHECK(after_crash(3) == std::set<std::string>{"new!"});
}

TEST_CASE("unsynced content may be lost in part", "[disk]") {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    world in{seed};
    sim_disk disk{in, "A"};
    auto store = disk.mount();
    auto file = store->target("in", if_exists::replace);
    REQUIRE(file->create(wanted(2)));
    REQUIRE(file->sync());
    REQUIRE(file->write(0, as_bytes("a")));
    REQUIRE(file->write(1, as_bytes("b")));
    disk.crash();
    seen.insert(read(disk, partial_path("in", id, 1)));
  }
  using namespace std::string_literals;
  CHECK(seen == std::set<std::string>{"\0\0"s, "a\0"s, "\0b"s, "ab"s});
}

TEST_CASE("a source that changed is noticed", "[disk]") {
  world in{1};
  sim_disk disk{in, "A"};
  auto store = disk.mount();
  CHECK(store->probe("out").error().code == errc::file_missing);
  disk.put("out", text("content"));
  auto file = store->source("out");
  auto facts = file->open();
  REQUIRE(facts);
  CHECK(*file->recheck() == *facts);
  SECTION("in place") {
    disk.rewrite("out", text("other"));
    CHECK_FALSE(*file->recheck() == *facts);
    bytes into(7);
    CHECK(file->read(0, into).error().code == errc::file_changed);
  }
  SECTION("by another file") {
    disk.put("out", text("content"));
    CHECK(*file->recheck() == *facts);
  }
}

TEST_CASE("an overtaken target neither publishes nor removes its successor's file", "[disk]") {
  world in{1};
  sim_disk disk{in, "A"};
  auto store = disk.mount();
  auto first = store->target("in", if_exists::replace), second = store->target("in", if_exists::replace);
  REQUIRE(first->create(wanted(1)));
  REQUIRE(second->create(wanted(1)));
  CHECK_FALSE(first->publish());
  first->discard(discard_file{});
  REQUIRE(second->write(0, as_bytes("2")));
  REQUIRE(second->publish());
  CHECK(read(disk, "in") == "2");
}

TEST_CASE("faults come as asked", "[disk]") {
  world in{1};
  sim_disk disk{in, "A"};
  auto store = disk.mount();
  auto file = store->target("in", if_exists::replace);
  disk.next_fault = errc::no_space;
  CHECK(file->create(wanted(1)).error().code == errc::no_space);
  REQUIRE(file->create(wanted(1)));
  disk.faults.io_error = 1000;
  CHECK(file->write(0, as_bytes("x")).error().code == errc::io_error);
  disk.put("there", text("x"));
  CHECK(store->target("there", if_exists::refuse)->create(wanted(1)).error().code == errc::file_exists);
}
