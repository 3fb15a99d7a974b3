// What a broadcast point's ends ask of its file: the chunks go in and out of it unseen.
#include "broadcast_checks.hpp"

using namespace hublink;
using namespace hublink::test;

namespace {

/// The records of content that came, one after the other.
bytes chunks_in(const lab_circuit& at) {
  bytes all;
  std::size_t number = 0;
  for (const auto& record : at.recorded)
    if (record.type == record_type::chunk && number++ > 0)
      all.insert(all.end(), record.whole.begin(), record.whole.end());
  return all;
}

/// Of that chunk of content only the head and some bytes more come, and nothing after it.
hub stops_inside(std::size_t chunk) {
  return [chunk, seen = std::size_t(0), stopped = false](const passing_record& record) mutable {
    if (!record.to_receiver) return std::vector<bytes>{record.whole};
    if (stopped) return std::vector<bytes>{};
    if (record.type != record_type::chunk || seen++ < chunk) return std::vector<bytes>{record.whole};
    stopped = true;
    return std::vector<bytes>{{record.whole.begin(), record.whole.begin() + record_head + 4}};
  };
}

} // namespace

TEST_CASE("a spool's file has the records of content as they came, and branches get them as they lie there") {
  auto size = GENERATE(std::size_t(1), std::size_t(16), std::size_t(500));
  for (unsigned seed = 1; seed <= 10; ++seed) {
    broadcast_lab lab({"HOST2", "HOST3"}, size);
    lab_point point({"HOST2", "HOST3"});
    auto& first = lab.connect_sender(point);
    auto& two = lab.connect_receiver(point, "HOST2");
    auto& three = lab.connect_receiver(point, "HOST3");
    lab.run(seed);
    INFO("size " << size << ", seed " << seed);
    CHECK(*point.file == chunks_in(first));
    CHECK(*point.file == chunks_in(two));
    CHECK(*point.file == chunks_in(three));
    CHECK(first.far.target.written == record_head * chunk_count(size, 16)); // all that was in memory
  }
}

TEST_CASE("a chunk that came in part does not count, and results go out meanwhile") {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    broadcast_lab lab({"HOST2", "HOST3"});
    lab_point point({"HOST2", "HOST3"});
    auto& first = lab.connect_sender(point);
    first.on_the_way = [&, stop = stops_inside(3)](const passing_record& record) mutable {
      auto passed = stop(record);
      if (passed.empty() && !point.board->is_settled("HOST3"))
        point.board->give_up("HOST3", {errc::hop_down, {}, "can't be reached"});
      return passed;
    };
    lab.run(seed);
    INFO("seed " << seed << ": " << first.near.text() << ", " << first.far.text());
    CHECK(point.held->held().chunks == 2);
    CHECK(first.near.results.size() == 1);
    CHECK_FALSE(first.far.done());
  }
}

TEST_CASE("a spool's file that takes no more refuses, and what was not durable is not believed") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  first.far.broken_taking = failure{errc::no_space, {}, "the disk is full"};
  lab.run();
  CHECK(first.near.code() == errc::no_space);
  CHECK(first.near.result->error().hop == "ServerB");
  CHECK(point.held->held().chunks == 0);
  CHECK(point.held->is_distrusted());
}

TEST_CASE("a spool's file that has become shorter ends the branch") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  lab.connect_sender(point);
  lab.run();
  REQUIRE(point.held->held().complete);
  point.file->resize(point.file->size() - 1);
  auto& two = lab.connect_receiver(point, "HOST2");
  lab.run();
  CHECK(two.near.code() == errc::io_error);
  CHECK_FALSE(two.far.target.published);
}
