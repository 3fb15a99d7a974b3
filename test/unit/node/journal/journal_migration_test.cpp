#include "journal/journal_fixture.hpp"

using namespace hublink;
using namespace hublink::test;

TEST_CASE("a journal of an earlier version, which knew transfers by their id alone, is taken over") {
  fresh_file file;
  {
    journal_store store{file.path};
    store.save(record("a1", transfer_side::receiver, transfer_state::running));
    store.save_publication({key("a1"), 1, "in/x", "xxh128:00", 9, {std::byte{1}}, false});
    auto sent = record("a2", transfer_side::sender, transfer_state::queued);
    sent.to = {{"HOST2", transfer_state::queued}};
    store.save(sent);
  }
  {
    SQLite::Database database{file.path.string(), SQLite::OPEN_READWRITE};
    database.exec("DROP INDEX transfers_open");
    database.exec("CREATE TABLE old AS SELECT * FROM transfers");
    database.exec("DROP TABLE transfers");
    SQLite::Statement columns{database, "SELECT group_concat(name) FROM pragma_table_info('old')"};
    columns.executeStep();
    auto names = columns.getColumn(0).getString();
    columns.reset();
    database.exec("CREATE TABLE transfers (" + names + ", PRIMARY KEY (transfer, side)) WITHOUT ROWID");
    database.exec("INSERT INTO transfers SELECT * FROM old");
    database.exec("DROP TABLE old");
    database.exec("CREATE TABLE older (transfer TEXT PRIMARY KEY, generation, path, digest, size, receipt, "
                  "refuse_existing, job, done)");
    database.exec(
        "INSERT INTO older SELECT transfer, generation, path, digest, size, receipt, refuse_existing, "
        "job, done FROM publications");
    database.exec("DROP TABLE publications");
    database.exec("ALTER TABLE older RENAME TO publications");
    database.exec("DROP TABLE served");
    database.exec("CREATE TABLE requests (request TEXT PRIMARY KEY, transfer TEXT NOT NULL) WITHOUT ROWID");
    database.exec("INSERT INTO requests VALUES ('r1', 'a2')");
  }
  for (int start = 0; start < 2; ++start) { // the second one finds nothing to do
    journal_store store{file.path};
    REQUIRE(store.find(key("a1"), transfer_side::receiver));
    REQUIRE(store.open_publications().size() == 1);
    CHECK(store.open_publications().front().key == key("a1"));
    send_request request;
    request.request = "r1";
    request.file = "FILE01";
    request.requester = "HOST2";
    REQUIRE(store.find_served(request));
    CHECK(store.find_served(request)->transfer == "a2");
  }
}
