#include "journal/journal_fixture.hpp"
#include "node/journal/transfer_listing.hpp"

#include <algorithm>
#include <random>
#include <set>

using namespace hublink;
using namespace hublink::test;

namespace {

/// What a listing has to say, by reading all.
std::vector<transfer_record> matching(std::vector<transfer_record> all, const transfer_query& query) {
  auto place = [](const transfer_record& row) {
    return std::tuple{row.started_ms, row.transfer, row.side, row.from, row.file};
  };
  std::erase_if(all, [&](const auto& row) {
    bool goes_on = row.state == transfer_state::unconfirmed || row.state == transfer_state::spooled;
    bool open = !is_final(row.state);
    if (query.finished && (*query.finished ? open : !open && !goes_on)) return true;
    if (!query.file.empty() && row.file != query.file) return true;
    if (query.state && row.state != *query.state) return true;
    if (!query.host.empty() && row.from != query.host && !row.to.count(query.host)) return true;
    if (query.since_ms && row.started_ms < *query.since_ms) return true;
    return query.until_ms && row.started_ms >= *query.until_ms;
  });
  std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return place(a) > place(b); });
  if (all.size() > query.limit) all.resize(query.limit);
  return all;
}

std::vector<std::string> names_of(const std::vector<transfer_record>& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows)
    names.push_back(row.transfer + (row.side == transfer_side::sender ? "s" : "r"));
  return names;
}

/// Of all states and both sides, from and to several.
std::vector<transfer_record> mixed_records(std::mt19937& random, int count) {
  std::vector<transfer_record> all;
  for (int i = 0; i < count; ++i) {
    auto row = record("t" + std::to_string(random() % 1000), transfer_side(random() % 2),
                      transfer_state(random() % 9));
    row.file = "F" + std::to_string(random() % 3);
    row.from = "HOST" + std::to_string(random() % 3);
    row.to = {{"HOST" + std::to_string(3 + random() % 3), row.state}};
    if (random() % 4 == 0) row.to["HOST9"] = row.state;
    row.started_ms = 1000 + random() % 50;
    auto same = [&](const auto& other) { return key_of(other) == key_of(row) && other.side == row.side; };
    if (std::none_of(all.begin(), all.end(), same)) all.push_back(std::move(row));
  }
  return all;
}

transfer_query some_query(std::mt19937& random) {
  transfer_query query;
  if (random() % 3) query.finished = random() % 2;
  if (random() % 3 == 0) query.file = "F" + std::to_string(random() % 4);
  if (random() % 3 == 0) query.host = "HOST" + std::to_string(random() % 11);
  if (random() % 4 == 0) query.state = transfer_state(random() % 9);
  if (random() % 3 == 0) query.since_ms = 1000 + random() % 50;
  if (random() % 3 == 0) query.until_ms = 1000 + random() % 50;
  return query;
}

} // namespace

TEST_CASE("listings have what they are asked for, in pages as well as whole") {
  std::mt19937 random{7};
  fresh_file file;
  journal_store store{file.path, file.clock()};
  auto all = mixed_records(random, 400);
  store.begin();
  for (auto& row : all) {
    auto earlier = row; // its state changes while it is there
    earlier.state = transfer_state::queued;
    store.save(earlier);
    store.save(row);
  }
  store.commit();
  for (int i = 0; i < 400; ++i) {
    auto query = some_query(random);
    auto wanted = names_of(matching(all, query));
    CAPTURE(i, transfer_listing::sql(query));
    REQUIRE(names_of(store.list(query)) == wanted);
    std::vector<std::string> paged;
    query.limit = 1 + random() % 40;
    while (true) {
      auto page = store.list(query);
      for (auto& name : names_of(page)) paged.push_back(std::move(name));
      if (page.size() < query.limit) break;
      query.after = place_of(page.back());
    }
    REQUIRE(paged == wanted);
  }
}

TEST_CASE("no listing reads rows that it does not show, or sorts them") {
  fresh_file file;
  { journal_store store{file.path, file.clock()}; }
  for (auto finished : {std::optional<bool>{}, std::optional{true}, std::optional{false}})
    for (auto shape = 0; shape < 16; ++shape) {
      transfer_query query;
      query.finished = finished;
      if (shape & 1) query.file = "FILE01";
      if (shape & 2) query.host = "HOST2";
      if (shape & 4) query.since_ms = 5;
      if (shape & 8) query.after = transfer_place{7, "a", transfer_side::sender, "HOST1", "FILE01"};
      auto plan = plan_of(file, transfer_listing::sql(query));
      CAPTURE(transfer_listing::sql(query), plan);
      CHECK_THAT(plan, !Catch::Contains("TEMP B-TREE"));
      CHECK_THAT(plan, !Catch::Contains("SCAN transfers"));
      if (finished != true) CHECK_THAT(plan, Catch::Contains("INDEX transfers_state (state=?"));
      if (finished != false && !query.host.empty())
        CHECK_THAT(plan, Catch::Contains("SEARCH parties USING PRIMARY KEY (party=?"));
    }
  transfer_query due;
  due.job_due = true;
  CHECK_THAT(plan_of(file, transfer_listing::sql(due)), Catch::Contains("INDEX transfers_job"));
}

TEST_CASE("what has not ended is counted, of all files or of some") {
  fresh_file file;
  journal_store store{file.path, file.clock()};
  SQLite::Database other{file.path.string(), SQLite::OPEN_READONLY};
  transfer_listing reading{other};
  auto counts = [&](const tally_query& query) {
    auto now = reading.tally(query);
    return std::pair{now.queued, now.running};
  };
  using pair = std::pair<std::uint64_t, std::uint64_t>;
  CHECK(counts({}) == pair{0, 0});
  store.save(record("a1", transfer_side::sender, transfer_state::queued));
  store.save(record("a2", transfer_side::sender, transfer_state::running));
  store.save(record("a3", transfer_side::sender, transfer_state::spooled));
  store.save(record("a4", transfer_side::sender, transfer_state::done));
  CHECK(counts({}) == pair{1, 2}); // it has seen the other connection's commits
  CHECK(counts({}) == pair{1, 2});
  CHECK(counts({std::set<std::string>{"OTHER"}}) == pair{0, 0});
  CHECK(counts({std::set<std::string>{"OTHER", "FILE01"}}) == pair{1, 2});
  CHECK(counts({std::set<std::string>{}}) == pair{0, 0});
}

TEST_CASE("who took part in what has ended is known of rows from before, and goes with them") {
  fresh_file file;
  {
    journal_store store{file.path, file.clock()};
    store.save(record("a1", transfer_side::sender, transfer_state::done));
    store.save(record("a2", transfer_side::sender, transfer_state::queued));
  }
  SQLite::Database{file.path.string(), SQLite::OPEN_READWRITE}.exec("DROP TABLE parties");
  journal_store store{file.path, file.clock()};
  transfer_query query;
  query.finished = true;
  query.host = "HOST2";
  CHECK(store.list(query).size() == 1);
  store.save(record("a2", transfer_side::sender, transfer_state::done));
  CHECK(store.list(query).size() == 2);
  CHECK(store.prune(1000, 100) == 1);
  CHECK(store.list(query).size() == 1);
  SQLite::Database left{file.path.string(), SQLite::OPEN_READONLY};
  CHECK(left.execAndGet("SELECT count(*) FROM parties").getInt() == 3); // HOST1, HOST2, HOST3 of a2
}
