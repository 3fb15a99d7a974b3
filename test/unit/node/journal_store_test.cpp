#include "node/journal_store.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

using namespace hublink;

namespace {

struct fresh_file {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("hublink-journal-" + std::to_string(::getpid()));
  fresh_file() { remove(); }
  ~fresh_file() { remove(); }
  void remove() const {
    for (const auto* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + suffix);
  }
};

transfer_record record(const std::string& id, transfer_side side, transfer_state state) {
  transfer_record what;
  what.transfer = id;
  what.side = side;
  what.file = "FILE01";
  what.from = "HOST1";
  what.to = {{"HOST2", state}, {"HOST3", transfer_state::queued}};
  what.state = state;
  what.sequence = 7;
  what.path = "out/x";
  return what;
}

} // namespace

TEST_CASE("a journal gives back what it was given, after it was closed too") {
  fresh_file file;
  auto failed = record("a1", transfer_side::sender, transfer_state::failed);
  failed.ended_ms = 5;
  failed.reason = failure{errc::no_space, "HOST2", "no room"};
  {
    journal_store store{file.path};
    store.save(failed);
    store.save(record("a2", transfer_side::sender, transfer_state::running));
  }
  journal_store store{file.path};
  auto found = store.find("a1", transfer_side::sender);
  REQUIRE(found);
  CHECK(found->to == failed.to);
  CHECK(found->reason == failed.reason);
  CHECK(found->ended_ms == failed.ended_ms);
  CHECK_FALSE(store.find("a1", transfer_side::receiver));

  transfer_query unfinished;
  unfinished.finished = false;
  REQUIRE(store.list(unfinished).size() == 1);
  CHECK(store.list(unfinished).front().transfer == "a2");
  CHECK(store.list({}).front().transfer == "a2"); // newest first
}

TEST_CASE("sequences grow, and never fall behind the clock") {
  fresh_file file;
  journal_store store{file.path};
  CHECK(store.next_sequence("F", 100) == 100);
  CHECK(store.next_sequence("F", 100) == 101);
  CHECK(store.next_sequence("F", 50) == 102);
  CHECK(store.next_sequence("F", 900) == 900);
  CHECK(store.next_sequence("G", 1) == 1);
}

TEST_CASE("a publication is open until it is committed") {
  fresh_file file;
  journal_store store{file.path};
  store.save(record("b1", transfer_side::receiver, transfer_state::running));
  store.save_publication({"b1", 1, "in/x", "xxh128:00", 9, {std::byte{1}, std::byte{2}}, false});
  REQUIRE(store.open_publications().size() == 1);
  CHECK(store.last_published("HOST1", "FILE01") == 0);

  store.queue_broken_receives();
  CHECK(store.find("b1", transfer_side::receiver)->state == transfer_state::queued);

  store.commit_publication("b1", 4);
  CHECK(store.open_publications().empty());
  CHECK(store.last_published("HOST1", "FILE01") == 7);
  auto done = store.find("b1", transfer_side::receiver);
  CHECK(done->state == transfer_state::done);
  CHECK(done->size == 9);
  CHECK(store.find_publication("b1")->receipt.size() == 2);
}

TEST_CASE("a failed receive leaves no publication to be finished after a crash") {
  fresh_file file;
  journal_store store{file.path};
  store.save(record("c1", transfer_side::receiver, transfer_state::running));
  store.save_publication({"c1", 1, "in/x", "xxh128:00", 9, {std::byte{1}}, false});
  store.save(record("c1", transfer_side::sender, transfer_state::failed)); // another row
  CHECK(store.open_publications().size() == 1);
  store.save(record("c1", transfer_side::receiver, transfer_state::failed));
  CHECK(store.open_publications().empty());

  store.save_publication({"c1", 1, "in/x", "xxh128:00", 9, {std::byte{1}}, false});
  store.commit_publication("c1", 4);
  store.save(record("c1", transfer_side::receiver, transfer_state::failed));
  CHECK(store.find_publication("c1"));
}

TEST_CASE("what a later attempt needs is kept") {
  fresh_file file;
  journal_store store{file.path};
  auto kept = record("d1", transfer_side::sender, transfer_state::unconfirmed);
  kept.generation = 3;
  kept.source = file_facts{1, 2, 3, 4, 5, 6};
  kept.safe = {64, "xxh128:00"};
  kept.cancel_wanted = true;
  kept.not_before_ms = 77;
  store.save(kept);
  auto found = store.find("d1", transfer_side::sender);
  REQUIRE(found);
  CHECK(found->generation == 3);
  CHECK(found->source == kept.source);
  CHECK(found->safe == kept.safe);
  CHECK(found->cancel_wanted);
  CHECK(found->not_before_ms == 77);
  // The receiver must still be asked: it is over, and it is not.
  transfer_query finished, unfinished;
  finished.finished = true;
  unfinished.finished = false;
  CHECK(store.list(finished).size() == 1);
  CHECK(store.list(unfinished).size() == 1);
}
