#include "journal/journal_fixture.hpp"

using namespace hublink;
using namespace hublink::test;

TEST_CASE("a spool comes back as it was written down last") {
  fresh_file file;
  auto part = [](std::uint64_t first, std::string text) {
    auto view = std::as_bytes(std::span{text});
    bytes all{view.begin(), view.end()};
    return std::make_shared<const spool::segment>(
        spool::segment{first, all, all, {{"HOST2", all}, {"HOST3", {}}}});
  };
  const branch_record receipt{"HOST2", record_type::receipt, bytes(3), {}, {}};
  const branch_record failed{"HOST3", {}, {}, {errc::hop_down, "ServerC", "gone"}, {}};
  spool_change change;
  change.now.key = {"a1", "", "FILE01"};
  change.now.request.open_id = "0123456789abcdef";
  change.now.request.file = "FILE01";
  change.now.request.only = {"HOST2"};
  change.now.names = {"HOST2", "HOST3"};
  change.now.held = {bytes(5), 4, 1024, {part(1, "one"), part(4, "four")}, bytes(2)};
  change.now.results = {receipt, failed};
  change.now.used_ms = 17;
  change.now.store = {store_policy::only, 1'700'000'000'000, true, false};
  {
    journal_store journal{file.path, file.clock()};
    journal.spools().save(change);
    change.now.key = {"a2", "", "FILE01"};
    journal.spools().save(change);
    journal.spools().remove({"a2", "", "FILE01"});
  }
  journal_store journal{file.path, file.clock()};
  auto all = journal.spools().all();
  REQUIRE(all.size() == 1);
  CHECK(all[0].request.open_id == "0123456789abcdef");
  CHECK(all[0].request.file == "FILE01");
  CHECK(all[0].request.only == std::vector<std::string>{"HOST2"});
  CHECK(all[0].names == change.now.names);
  CHECK(all[0].used_ms == 17);
  CHECK(all[0].store.policy == store_policy::only);
  CHECK(all[0].store.until_ms == 1'700'000'000'000);
  CHECK(all[0].store.held_back);
  CHECK_FALSE(all[0].store.expired);
  CHECK(all[0].held.offer == bytes(5));
  CHECK(all[0].held.end == bytes(2));
  REQUIRE(all[0].held.parts.size() == 2);
  CHECK(all[0].held.parts[1]->first == 4);
  CHECK(all[0].held.parts[1]->header == part(4, "four")->header);
  CHECK(all[0].held.parts[1]->envelopes == part(4, "four")->envelopes);
  REQUIRE(all[0].results.size() == 2);
  CHECK(all[0].results[0].type == record_type::receipt);
  CHECK(all[0].results[1].why.text == "gone");

  // The next attempt: altered from chunk 3 on.
  change.now.key = {"a1", "", "FILE01"};
  change.now.held = {bytes(6), 2, 1024, {}, {}};
  change.now.results.clear();
  change.drops_parts_from = 3;
  change.clears_failures = true;
  journal.spools().save(change);
  all = journal.spools().all();
  REQUIRE(all.size() == 1);
  CHECK(all[0].held.chunks == 2);
  CHECK(all[0].held.end.empty());
  CHECK(all[0].held.parts.size() == 1);
  CHECK(all[0].results.size() == 1);

  // What is as before is not written again.
  spool_change more;
  more.whole = false;
  more.now.key = {"a1", "", "FILE01"};
  more.now.held = {.offer = {}, .chunks = 3, .chunk_size = 1024, .parts = {}, .end = {}};
  more.now.results = {failed};
  journal.spools().save(more);
  all = journal.spools().all();
  CHECK(all[0].held.chunks == 3);
  CHECK(all[0].held.offer == bytes(6));
  CHECK(all[0].names == change.now.names);
  CHECK(all[0].store.held_back);
  CHECK(all[0].results.size() == 2);
}
