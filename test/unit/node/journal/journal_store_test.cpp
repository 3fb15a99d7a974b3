#include "journal/journal_fixture.hpp"

using namespace hublink;
using namespace hublink::test;

TEST_CASE("a journal gives back what it was given, after it was closed too") {
  fresh_file file;
  auto failed = record("a1", transfer_side::sender, transfer_state::failed);
  failed.ended_ms = 5;
  failed.reason = failure{errc::no_space, "HOST2", "no room"};
  {
    journal_store store{file.path, file.clock()};
    store.save(failed);
    store.save(record("a2", transfer_side::sender, transfer_state::running));
  }
  journal_store store{file.path, file.clock()};
  auto found = store.find(key("a1"), transfer_side::sender);
  REQUIRE(found);
  CHECK(found->to == failed.to);
  CHECK(found->reason == failed.reason);
  CHECK(found->ended_ms == failed.ended_ms);
  CHECK_FALSE(store.find(key("a1"), transfer_side::receiver));

  transfer_query unfinished;
  unfinished.finished = false;
  REQUIRE(store.list(unfinished).size() == 1);
  CHECK(store.list(unfinished).front().transfer == "a2");
  CHECK(store.list({}).front().transfer == "a2"); // newest first
}

TEST_CASE("receivers change one by one, until their record is written whole") {
  fresh_file file;
  auto running = record("a1", transfer_side::sender, transfer_state::running);
  {
    journal_store store{file.path, file.clock()};
    store.save(running);
    store.save(receiver_changes{"a1", {{"HOST2", transfer_state::done}}, {}});
    store.save(receiver_changes{"a1",
                                {{"HOST3", transfer_state::failed}},
                                {{job_kind::post_receive, "HOST3", {false, "exit code 1"}, {}, 1, 2}}});
  }
  journal_store store{file.path, file.clock()};
  auto found = store.find(key("a1"), transfer_side::sender);
  REQUIRE(found);
  CHECK(found->state == transfer_state::running);
  CHECK(found->to.at("HOST2") == transfer_state::done);
  CHECK(found->to.at("HOST3") == transfer_state::failed);
  REQUIRE(found->jobs.size() == 1);
  CHECK(found->jobs[0].result.text == "exit code 1");
  CHECK(store.list({}).front().to == found->to);

  store.save(running); // the next attempt
  CHECK(store.find(key("a1"), transfer_side::sender)->to == running.to);
  CHECK(store.find(key("a1"), transfer_side::sender)->jobs.empty());
}

TEST_CASE("sequences grow, and never fall behind the clock") {
  fresh_file file;
  journal_store store{file.path, file.clock()};
  CHECK(store.next_sequence("F", 100) == 100);
  CHECK(store.next_sequence("F", 100) == 101);
  CHECK(store.next_sequence("F", 50) == 102);
  CHECK(store.next_sequence("F", 900) == 900);
  CHECK(store.next_sequence("G", 1) == 1);
}

TEST_CASE("what else was begun at a path is begun no more once another transfer may publish there") {
  fresh_file file;
  journal_store store{file.path, file.clock()};
  for (auto id : {"b1", "b2"}) {
    auto each = record(id, transfer_side::receiver, transfer_state::running);
    each.sequence = id == std::string{"b1"} ? 7 : 8;
    store.save(each);
  }
  store.save_publication({key("b1"), 1, "in/x", "xxh128:00", 9, {std::byte{1}}, false});
  CHECK(store.last_open(key("b1")).sequence == 0);
  CHECK(store.last_open(key("b2")).sequence == 7);
  store.save_publication({key("b2"), 1, "in/x", "xxh128:01", 9, {std::byte{1}}, false});
  REQUIRE(store.open_publications().size() == 1);
  CHECK(store.open_publications().front().key == key("b2"));
  CHECK(store.last_open(key("b1")).sequence == 8);
  store.commit_publication(key("b2"), 4);
  CHECK(store.last_open(key("b1")).sequence == 0);
}

TEST_CASE("a publication is open until it is committed") {
  fresh_file file;
  journal_store store{file.path, file.clock()};
  store.save(record("b1", transfer_side::receiver, transfer_state::running));
  store.save_publication({key("b1"), 1, "in/x", "xxh128:00", 9, {std::byte{1}, std::byte{2}}, false});
  REQUIRE(store.open_publications().size() == 1);
  CHECK(store.last_published("HOST1", "FILE01") == 0);

  store.queue_broken_receives();
  CHECK(store.find(key("b1"), transfer_side::receiver)->state == transfer_state::queued);

  store.commit_publication(key("b1"), 4);
  CHECK(store.open_publications().empty());
  CHECK(store.last_published("HOST1", "FILE01") == 7);
  auto done = store.find(key("b1"), transfer_side::receiver);
  CHECK(done->state == transfer_state::done);
  CHECK(done->size == 9);
  CHECK(store.find_publication(key("b1"))->receipt.size() == 2);
}

TEST_CASE("a failed receive leaves no publication to be finished after a crash") {
  fresh_file file;
  journal_store store{file.path, file.clock()};
  store.save(record("c1", transfer_side::receiver, transfer_state::running));
  store.save_publication({key("c1"), 1, "in/x", "xxh128:00", 9, {std::byte{1}}, false});
  store.save(record("c1", transfer_side::sender, transfer_state::failed)); // another row
  CHECK(store.open_publications().size() == 1);
  store.save(record("c1", transfer_side::receiver, transfer_state::failed));
  CHECK(store.open_publications().empty());

  store.save_publication({key("c1"), 1, "in/x", "xxh128:00", 9, {std::byte{1}}, false});
  store.commit_publication(key("c1"), 4);
  store.save(record("c1", transfer_side::receiver, transfer_state::failed));
  CHECK(store.find_publication(key("c1")));
}

TEST_CASE("what a later attempt needs is kept") {
  fresh_file file;
  journal_store store{file.path, file.clock()};
  auto kept = record("d1", transfer_side::sender, transfer_state::unconfirmed);
  kept.generation = 3;
  kept.source = file_facts{1, 2, 0640};
  kept.safe = {64, "xxh128:00"};
  kept.cancel_wanted = true;
  kept.not_before_ms = 77;
  kept.rate = 5000;
  kept.broken = {{1, 900, {errc::cut, "ServerA", "the circuit broke"}}};
  kept.jobs = {{job_kind::post_send, "HOST1", {false, "ended with exit code 3"}, "output", 1, 2}};
  kept.job_due = job_kind::post_send;
  store.save(kept);
  auto found = store.find(key("d1"), transfer_side::sender);
  REQUIRE(found);
  CHECK(found->generation == 3);
  CHECK(found->source == kept.source);
  CHECK(found->safe == kept.safe);
  CHECK(found->cancel_wanted);
  CHECK(found->not_before_ms == 77);
  CHECK(found->rate == 5000u);
  REQUIRE(found->broken.size() == 1);
  CHECK(found->broken[0].why == kept.broken[0].why);
  REQUIRE(found->jobs.size() == 1);
  CHECK(found->jobs[0].result.text == "ended with exit code 3");
  CHECK(found->jobs[0].output == "output");
  CHECK(found->job_due == job_kind::post_send);
  // The receiver must still be asked: it is over, and it is not.
  transfer_query finished, unfinished;
  finished.finished = true;
  unfinished.finished = false;
  CHECK(store.list(finished).size() == 1);
  CHECK(store.list(unfinished).size() == 1);
}

namespace {

transfer_record ended_record(const std::string& id, transfer_side side, const std::string& file,
                             std::int64_t when) {
  auto what = record(id, side, transfer_state::done);
  what.file = file;
  what.ended_ms = when;
  return what;
}

} // namespace

TEST_CASE("what ended long ago goes with its receipt, the newest of each file stays") {
  fresh_file file;
  journal_store store{file.path, file.clock()};
  for (int i = 1; i <= 9; ++i) {
    auto id = "d" + std::to_string(i);
    store.save(record(id, transfer_side::receiver, transfer_state::running));
    store.save_publication({key(id), 1, "in/x", "xxh128:00", 9, {std::byte{1}}, false});
    file.now_ms = i * 10;
    store.commit_publication(key(id), 5'000);
  }
  file.now_ms = 1;
  store.save(ended_record("d5", transfer_side::sender, "OTHER", 1)); // the only one of its file
  store.save(record("d0", transfer_side::sender, transfer_state::queued));

  CHECK(store.prune(10, 100) == 0);
  CHECK(store.prune(1000, 3) == 3); // the oldest first
  CHECK_FALSE(store.find(key("d3"), transfer_side::receiver));
  CHECK_FALSE(store.find_publication(key("d3")));
  CHECK(store.find(key("d4"), transfer_side::receiver));
  CHECK(store.find_publication(key("d4")));
  CHECK(store.prune(1000, 100) == 5);
  CHECK(store.prune(1000, 100) == 0);
  CHECK(store.find_publication(key("d9")));
  CHECK(store.find({"d5", "HOST1", "OTHER"}, transfer_side::sender));
  CHECK(store.find(key("d0"), transfer_side::sender));
  CHECK(store.list({}).size() == 3);
  CHECK(store.last_published("HOST1", "FILE01") == 7); // for ever
}

TEST_CASE("an unfinished transfer does not stand in for the newest that ended") {
  fresh_file file;
  journal_store store{file.path, file.clock()};
  store.save(ended_record("e1", transfer_side::sender, "FILE01", 1));
  store.save(record("e2", transfer_side::sender, transfer_state::queued));
  store.save(ended_record("e3", transfer_side::receiver, "FILE01", 1)); // the other side is another matter
  CHECK(store.prune(1000, 100) == 0);
  store.save(ended_record("e2", transfer_side::sender, "FILE01", 2));
  CHECK(store.prune(1000, 100) == 1);
  CHECK_FALSE(store.find(key("e1"), transfer_side::sender));
}

TEST_CASE("pruning reads no more rows than it needs") {
  fresh_file file;
  { journal_store store{file.path, file.clock()}; }
  auto pruning = plan_of(file, journal_store::prunable_sql);
  CAPTURE(pruning);
  CHECK_THAT(pruning, Catch::Contains("INDEX transfers_saved (saved_ms<?"));
  CHECK_THAT(pruning, Catch::Contains("INDEX transfers_ended (file=? AND started_ms>?"));
  CHECK_THAT(pruning, !Catch::Contains("TEMP B-TREE"));
}

TEST_CASE("a request is served by one transfer, which says whose it is") {
  fresh_file file;
  journal_store store{file.path, file.clock()};
  auto asked = record("f1", transfer_side::sender, transfer_state::queued);
  asked.requested_by = "HOST2";
  asked.resend_of = "f0";
  asked.request = "r1";
  asked.to = {{"HOST2", transfer_state::queued}};
  store.save_new(asked);
  auto request_of = [](const char* id) {
    send_request request;
    request.request = id;
    request.file = "FILE01";
    request.requester = "HOST2";
    return request;
  };
  store.save_request(request_of("r1"), "f9"); // too late
  store.save_request(request_of("r2"), "f1");
  for (auto request : {"r1", "r2"}) {
    auto served = store.find_served(request_of(request));
    REQUIRE(served);
    CHECK(served->transfer == "f1");
    CHECK(served->requested_by == "HOST2");
    CHECK(served->resend_of == "f0");
  }
  CHECK_FALSE(store.find_served(request_of("r3")));
  auto others = request_of("r1");
  others.requester = "HOST3"; // whoever knows the id of somebody else's request
  CHECK_FALSE(store.find_served(others));
  others = request_of("r1");
  others.file = "OTHER";
  CHECK_FALSE(store.find_served(others));
  store.save(ended_record("f1", transfer_side::sender, "FILE01", 1)); // what it was made for stays
  CHECK(store.find(key("f1"), transfer_side::sender)->requested_by == "HOST2");
  store.save(ended_record("f2", transfer_side::sender, "FILE01", 2));
  CHECK(store.prune(1000, 100) == 1);
  CHECK_FALSE(store.find_served(request_of("r1")));
}

TEST_CASE("listings are filtered by state, host and time") {
  fresh_file file;
  journal_store store{file.path, file.clock()};
  auto add = [&](const char* id, transfer_state state, const char* to, std::int64_t started_ms) {
    auto row = record(id, transfer_side::sender, state);
    row.to = {{to, state}};
    row.started_ms = started_ms;
    store.save(row);
  };
  add("g1", transfer_state::done, "HOST2", 100);
  add("g2", transfer_state::failed, "HOST2", 200);
  add("g3", transfer_state::done, "HOST3", 300);
  auto ids = [&](const transfer_query& query) {
    std::string all;
    for (const auto& row : store.list(query)) all += row.transfer + " ";
    return all;
  };
  transfer_query query;
  SECTION("state") {
    query.state = transfer_state::done;
    CHECK(ids(query) == "g3 g1 ");
  }
  SECTION("receiver") {
    query.host = "HOST2";
    CHECK(ids(query) == "g2 g1 ");
  }
  SECTION("sender") {
    query.host = "HOST1";
    CHECK(ids(query) == "g3 g2 g1 ");
  }
  SECTION("time") {
    query.since_ms = 200;
    CHECK(ids(query) == "g3 g2 ");
    query.until_ms = 300;
    CHECK(ids(query) == "g2 ");
  }
}

TEST_CASE("transfers of one id under two names know nothing of each other") {
  fresh_file file;
  journal_store store{file.path, file.clock()};
  auto mine = record("a1", transfer_side::receiver, transfer_state::running);
  auto theirs = mine;
  theirs.from = "EVIL";
  theirs.file = "EVILF";
  store.save(mine);
  store.save_publication({key("a1"), 1, "in/x", "xxh128:00", 9, {std::byte{1}}, false});
  theirs.state = transfer_state::cancelled;
  store.save(theirs); // would end a publication of its own
  CHECK(store.find(key("a1"), transfer_side::receiver)->state == transfer_state::running);
  REQUIRE(store.open_publications().size() == 1);
  CHECK_FALSE(store.find_publication({"a1", "EVIL", "EVILF"}));
  store.commit_publication({"a1", "EVIL", "EVILF"}, 1);
  CHECK(store.open_publications().size() == 1);
  store.commit_publication(key("a1"), 2);
  CHECK(store.find(key("a1"), transfer_side::receiver)->state == transfer_state::done);
  CHECK(store.find({"a1", "EVIL", "EVILF"}, transfer_side::receiver)->state == transfer_state::cancelled);
  CHECK(store.last_published("EVIL", "EVILF") == 0);
}
