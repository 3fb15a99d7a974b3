#include "node/journal/journal_migration.hpp"

#include <string>

namespace hublink {

namespace {

bool has_column(SQLite::Database& in, const std::string& table, const std::string& column) {
  SQLite::Statement row{in, "SELECT 1 FROM pragma_table_info(?) WHERE name = ?"};
  row.bind(1, table);
  row.bind(2, column);
  return row.executeStep();
}

/// Columns of its primary key.
int key_length(SQLite::Database& in, const std::string& table) {
  SQLite::Statement row{in, "SELECT count(*) FROM pragma_table_info(?) WHERE pk > 0"};
  row.bind(1, table);
  row.executeStep();
  return row.getColumn(0).getInt();
}

} // namespace

// Their indices go with them, so that new ones of the same names can be made.
void set_earlier_tables_aside(SQLite::Database& in) {
  if (key_length(in, "transfers") == 2) {
    for (const auto* index : {"transfers_open", "transfers_file", "transfers_job", "transfers_ended"})
      in.exec(std::string("DROP INDEX IF EXISTS ") + index);
    in.exec("ALTER TABLE transfers RENAME TO before_transfers");
  }
  if (in.tableExists("publications") && !has_column(in, "publications", "sender")) {
    in.exec("DROP INDEX IF EXISTS publications_open");
    in.exec("ALTER TABLE publications RENAME TO before_publications");
  }
}

void take_earlier_rows(SQLite::Database& in) {
  if (in.tableExists("before_transfers")) {
    in.exec("INSERT INTO transfers SELECT * FROM before_transfers");
    in.exec("DROP TABLE before_transfers");
  }
  if (in.tableExists("before_publications")) {
    in.exec(
        "INSERT INTO publications SELECT p.transfer, t.sender, t.file, p.generation, p.path, p.digest, "
        "p.size, "
        "p.receipt, p.refuse_existing, p.job, p.done FROM before_publications AS p JOIN transfers AS t ON "
        "t.transfer = p.transfer AND t.side = 1");
    in.exec("DROP TABLE before_publications");
  }
  if (in.tableExists("requests")) { // whose they were: who was sent what they brought
    in.exec(
        "INSERT OR IGNORE INTO served SELECT coalesce(o.requested_by, (SELECT min(key) FROM "
        "json_each(t.receivers))), "
        "t.file, r.request, r.transfer FROM requests AS r JOIN transfers AS t ON t.transfer = r.transfer AND "
        "t.side = 0 LEFT JOIN origins AS o ON o.origin_of = r.transfer");
    in.exec("DROP TABLE requests");
  }
}

} // namespace hublink
