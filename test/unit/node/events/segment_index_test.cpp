#include "node/events/gzip_member.hpp"
#include "node/events/segment_index.hpp"
#include "node/events/segment_name.hpp"
#include "support/catch.hpp"

#include <fstream>

#include <unistd.h>

using namespace hublink;

namespace {

std::string id_at(std::uint64_t ms, int number) {
  char text[40];
  std::snprintf(text, sizeof text, "%012llx%020d", static_cast<unsigned long long>(ms), number);
  return text;
}

struct index_file {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("hublink-index-" + std::to_string(::getpid()));
  ~index_file() { std::filesystem::remove(path); }
  void put(const std::string& text) { std::ofstream{path, std::ios::binary} << text; }
};

} // namespace

TEST_CASE("an index says which blocks tell of a transfer, and between which times the ids lie") {
  index_head head;
  std::string records;
  std::uint64_t offset = 0;
  for (int block = 0; block < 50; ++block) {
    block_ids ids;
    for (int i = block * 7; i < block * 7 + 10; ++i) { // some are in two
      ids.note(id_at(1000 + std::uint64_t(i), i));
      ids.note(id_at(1000 + std::uint64_t(i), i));
      head.note(1000 + std::uint64_t(i));
    }
    records += ids.record({offset, 100});
    offset += 100;
  }
  index_file file;
  file.put(encode(head) + records);
  auto index = segment_index::read(file.path);
  REQUIRE(index);
  CHECK(index->covered() == 5000);
  CHECK(index->head().first_id_ms == 1000);
  CHECK(index->head().may_have(1352));
  CHECK_FALSE(index->head().may_have(1353));
  CHECK_FALSE(index->head().may_have(999));
  for (int i = 0; i < 353; ++i) {
    auto blocks = index->blocks_of(id_at(1000 + std::uint64_t(i), i));
    bool twice = i >= 7 && i % 7 < 3 && i < 350;
    REQUIRE(blocks.size() == (twice ? 2 : 1));
    CHECK(blocks.back().offset == std::uint64_t(std::min(i / 7, 49)) * 100);
  }
  CHECK(index->blocks_of(id_at(1000, 9999)).empty());

  // What a stop left, or something that is no index.
  file.put(encode(head) + records.substr(0, records.size() - 3));
  CHECK(segment_index::read(file.path)->covered() == 4900);
  file.put(encode(head) + std::string(4096, '\0'));
  CHECK(segment_index::read(file.path)->covered() == 0);
  file.put(std::string(100, 'x'));
  CHECK_FALSE(segment_index::read(file.path));
  file.put("");
  CHECK_FALSE(segment_index::read(file.path));
  CHECK_FALSE(segment_index::read_head(file.path));
}

TEST_CASE("the transfer of a line is its field, not what another field quotes") {
  CHECK(transfer_in(R"({"time":"x","transfer":"ab12","kind":"ping"})") == "ab12");
  CHECK(transfer_in(R"({"reason":"\"transfer\":\"zz\"","transfer":"ab"})") == "ab");
  CHECK(transfer_in(R"({"event":"login"})").empty());
  CHECK(transfer_in(R"({"transfer":"ab)") == "ab");
  CHECK(time_of_id("0000000003e8" + std::string(20, '0')) == 1000);
  CHECK(time_of_id("no") == 0);
}

TEST_CASE("segments are sorted by day and part, and other files are none") {
  std::vector<segment_name> names;
  for (auto text : {"2026-11-29.jsonl", "2026-11-29-10.jsonl", "2026-11-29-2.jsonl.gz", "2026-11-28-0.jsonl",
                    "2026-11-28.jsonl.gz"}) {
    auto name = segment_name::parse(text);
    REQUIRE(name);
    CHECK(name->text() == text);
    names.push_back(*name);
  }
  std::ranges::sort(names);
  std::string order;
  for (const auto& name : names) order += name.text() + " ";
  CHECK(order == "2026-11-28-0.jsonl 2026-11-28.jsonl.gz 2026-11-29.jsonl 2026-11-29-2.jsonl.gz "
                 "2026-11-29-10.jsonl ");
  for (auto text : {"", ".jsonl", "2026-11-29", "2026-11-29.jsonl.index", "2026-11-29.jsonl.gz.part",
                    "2026-11-29-1.jsonl", "2026-11-29-x.jsonl", "2026-1-29.jsonl", "events.jsonl"})
    CHECK_FALSE(segment_name::parse(text));
}

TEST_CASE("members of a gzip file are read one by one") {
  auto first = std::string(300'000, 'a'), second = std::string{"b\n"};
  auto whole = to_gzip(first) + to_gzip(second);
  std::string_view rest = whole;
  CHECK(from_gzip(rest, 1 << 20) == first);
  CHECK(from_gzip(rest, 1 << 20) == second);
  CHECK(rest.empty());
  rest = whole;
  CHECK_FALSE(from_gzip(rest, 1000)); // longer than that
  rest = std::string_view{whole}.substr(0, 20);
  CHECK_FALSE(from_gzip(rest, 1 << 20)); // cut off
  rest = "no gzip at all";
  CHECK_FALSE(from_gzip(rest, 1 << 20));
}
