#include "journal/journal_fixture.hpp"
#include "node/journal/journal_migration.hpp"
#include "node/journal/sqlite_journal.hpp"

#include <fstream>
#include <sstream>

#include <sys/stat.h>

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;

namespace {

const std::filesystem::path journals = HUBLINK_SOURCE_DIR "/test/unit/node/journal/journals";

/// One that a version of hublink made, as text.
void restore(const std::filesystem::path& text, const fresh_file& file) {
  std::ostringstream sql;
  sql << std::ifstream{text}.rdbuf();
  SQLite::Database database{file.path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
  database.exec(sql.str());
}

void alter(const fresh_file& file, const std::string& sql) {
  SQLite::Database{file.path.string(), SQLite::OPEN_READWRITE}.exec(sql);
}

int number_of(const std::filesystem::path& file) {
  return SQLite::Database{file.string()}.execAndGet("PRAGMA user_version").getInt();
}

std::vector<std::filesystem::path> kept_journals() {
  std::vector<std::filesystem::path> all;
  for (const auto& entry : std::filesystem::directory_iterator{journals}) all.push_back(entry.path());
  return all;
}

void check_rows(journal_store& store) {
  REQUIRE(store.find(key("a1"), transfer_side::sender));
  CHECK(store.find(key("a1"), transfer_side::sender)->saved_ms == 1795000001000);
  auto waiting = store.find(key("a2"), transfer_side::sender);
  REQUIRE(waiting);
  CHECK(waiting->state == transfer_state::queued);
  REQUIRE(waiting->broken.size() == 1);
  CHECK(waiting->broken[0].why.hop == "ServerB");
  REQUIRE(store.open_publications().size() == 1);
  CHECK(store.open_publications().front().key == key("b1"));
  CHECK(store.last_published("HOST1", "FILE01") == 7);
  CHECK(store.next_sequence("FILE01", 1) == 1795000000010);
  send_request request;
  request.request = "r1";
  request.file = "FILE01";
  request.requester = "HOST2";
  REQUIRE(store.find_served(request));
  CHECK(store.find_served(request)->transfer == "a2");
  REQUIRE(store.spools().all().size() == 1);
  CHECK(store.spools().all().front().store.until_ms == 1795600000000);
  store.save(record("n1", transfer_side::sender, transfer_state::queued)); // it can be written, too
  CHECK(store.find(key("n1"), transfer_side::sender));
}

} // namespace

TEST_CASE("the journals of all earlier versions are taken over, and kept as they were") {
  auto text = GENERATE(from_range(kept_journals()));
  CAPTURE(text.filename());
  fresh_file file;
  restore(text, file);
  auto number = number_of(file.path);
  auto copy = file.path.string() + ".before-" + std::to_string(journal_version);
  {
    journal_store store{file.path, file.clock()};
    check_rows(store);
  }
  CHECK(number_of(file.path) == journal_version);
  CHECK(std::filesystem::exists(copy) == (number < journal_version));
  if (number < journal_version) {
    CHECK(number_of(copy) == number);
    struct stat found {};
    REQUIRE(::stat(copy.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
    std::filesystem::remove(copy);
  }
  { journal_store again{file.path, file.clock()}; } // finds nothing to do
  CHECK_FALSE(std::filesystem::exists(copy));
}

TEST_CASE("a journal of this version is kept for later ones") {
  CHECK(std::filesystem::exists(journals / (std::to_string(journal_version) + ".sql")));
}

TEST_CASE("a journal whose tables lack something is brought up to date, whatever its number says") {
  auto what = GENERATE("ALTER TABLE transfers DROP COLUMN broken", "ALTER TABLE transfers DROP COLUMN jobs",
                       "DROP INDEX transfers_saved; ALTER TABLE transfers DROP COLUMN saved_ms",
                       "ALTER TABLE spools DROP COLUMN used_ms", "DROP TABLE published",
                       "DROP TABLE spool_words", "DROP INDEX transfers_state", "DROP TABLE parties");
  CAPTURE(what);
  fresh_file file;
  {
    journal_store store{file.path, file.clock()};
    store.save(record("a1", transfer_side::sender, transfer_state::queued));
  }
  alter(file, what);
  if (std::string{what}.find("used_ms") != std::string::npos) {
    CHECK_NOTHROW(journal_store{file.path, file.clock()});
    return; // no spool is there
  }
  journal_store store{file.path, file.clock()};
  CHECK(store.find(key("a1"), transfer_side::sender));
  store.save(record("a2", transfer_side::sender, transfer_state::queued));
  CHECK(store.list({}).size() == 2);
  CHECK(store.last_published("HOST1", "FILE01") == 0);
}

TEST_CASE("a journal of a later version is refused with one line, and left alone") {
  fresh_file file;
  { journal_store store{file.path, file.clock()}; }
  auto [what, words] = GENERATE(std::pair{"PRAGMA user_version = 99", "number 99"},
                                std::pair{"ALTER TABLE transfers ADD COLUMN colour TEXT", "transfers.colour"},
                                std::pair{"ALTER TABLE spools ADD COLUMN weight INTEGER", "spools.weight"});
  alter(file, what);
  auto opened = open_journal(file.path, file.clock());
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == errc::bad_config);
  CHECK_THAT(opened.error().text, Contains(words) && Contains(file.path.string()) && Contains("--data"));
  CHECK(opened.error().text.find('\n') == std::string::npos);
  CHECK(number_of(file.path) == (std::string{words} == "number 99" ? 99 : journal_version));
  CHECK_FALSE(std::filesystem::exists(file.path.string() + ".before-1"));
}

TEST_CASE("a journal that can't be copied is not changed") {
  fresh_file file;
  restore(journals / "0.1.0.sql", file);
  std::filesystem::create_directory(file.path.string() + ".before-1");
  auto opened = open_journal(file.path, file.clock());
  std::filesystem::remove(file.path.string() + ".before-1");
  CHECK_FALSE(opened);
  CHECK(number_of(file.path) == 0);
  CHECK(open_journal(file.path, file.clock()));
}

TEST_CASE("a copy has no hashes of passwords that would let somebody in") {
  fresh_file file;
  restore(journals / "0.1.0.sql", file);
  alter(file, "CREATE TABLE accounts (name TEXT, password TEXT); INSERT INTO accounts VALUES ('op', "
              "'$argon2id$secret')");
  { journal_store store{file.path, file.clock()}; }
  std::ostringstream copy;
  copy << std::ifstream{file.path.string() + ".before-1", std::ios::binary}.rdbuf();
  CHECK(copy.str().find("argon2id") == std::string::npos);
}
