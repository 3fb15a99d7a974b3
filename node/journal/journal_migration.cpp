#include "node/journal/journal_migration.hpp"
#include "node/base/unique_fd.hpp"

#include <fcntl.h>
#include <map>
#include <set>
#include <spdlog/spdlog.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace hublink {

namespace {

/// Columns of a table by their names, each with what it holds.
using table_form = std::map<std::string, std::string>;
using journal_form = std::map<std::string, table_form>;

std::vector<std::string> texts(SQLite::Database& in, const std::string& sql, const std::string& value) {
  SQLite::Statement row{in, sql};
  row.bind(1, value);
  std::vector<std::string> found;
  while (row.executeStep()) found.push_back(row.getColumn(0).getString());
  return found;
}

table_form form_of(SQLite::Database& in, const std::string& table) {
  SQLite::Statement row{in, "SELECT name, type || ' ' || \"notnull\" || ' ' || pk FROM pragma_table_info(?)"};
  row.bind(1, table);
  table_form form;
  while (row.executeStep()) form.emplace(row.getColumn(0).getString(), row.getColumn(1).getString());
  return form;
}

journal_form form_of(const char* schema) {
  SQLite::Database empty{":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
  empty.exec(schema);
  journal_form form;
  for (const auto& table : texts(empty, "SELECT name FROM sqlite_master WHERE type = ?", "table"))
    form[table] = form_of(empty, table);
  return form;
}

/// Tables that are there in another form.
std::set<std::string> changed_tables(SQLite::Database& in, const journal_form& wanted,
                                     const std::filesystem::path& file) {
  std::set<std::string> changed;
  for (const auto& [table, columns] : wanted) {
    auto present = form_of(in, table);
    for (const auto& [name, holds] : present)
      if (!columns.count(name))
        throw foreign_journal{file.string() + " has a column that this version of hublink does not know, " +
                              table + "." + name + ": start the version that made it, or another --data"};
    if (!present.empty() && present != columns) changed.insert(table);
  }
  return changed;
}

std::string aside(const std::string& table) { return "before_" + table; }

// Their indices and triggers go with them, so that new ones of the same names can be made.
void set_aside(SQLite::Database& in, const std::string& table) {
  for (const auto& drop : texts(in,
                                "SELECT 'DROP ' || type || ' ' || name FROM sqlite_master WHERE type IN "
                                "('index', 'trigger') AND sql IS NOT NULL AND tbl_name = ?",
                                table))
    in.exec(drop);
  in.exec("ALTER TABLE " + table + " RENAME TO " + aside(table));
}

/// What both forms have; a table of an earlier form knew publications by their id alone.
void take_rows(SQLite::Database& in, const std::string& table) {
  auto before = form_of(in, aside(table));
  if (table == "publications" && !before.count("sender")) {
    in.exec("INSERT INTO publications SELECT p.transfer, t.sender, t.file, p.generation, p.path, p.digest, "
            "p.size, p.receipt, p.refuse_existing, p.job, p.done FROM before_publications AS p JOIN "
            "transfers AS t ON t.transfer = p.transfer AND t.side = 1");
  } else {
    std::string both;
    for (const auto& [name, holds] : before) both += (both.empty() ? "" : ", ") + name;
    in.exec("INSERT INTO " + table + " (" + both + ") SELECT " + both + " FROM " + aside(table));
  }
  in.exec("DROP TABLE " + aside(table));
}

/// Of a form in which a request was known by its id alone: whose it was, who was sent what it brought.
void take_requests(SQLite::Database& in) {
  if (!in.tableExists("requests")) return;
  in.exec("INSERT OR IGNORE INTO served SELECT coalesce(o.requested_by, (SELECT min(key) FROM "
          "json_each(t.receivers))), t.file, r.request, r.transfer FROM requests AS r JOIN transfers AS t ON "
          "t.transfer = r.transfer AND t.side = 0 LEFT JOIN origins AS o ON o.origin_of = r.transfer");
  in.exec("DROP TABLE requests");
}

/// A copy is private, too, and has no hashes of passwords as they were kept before 0.2.
std::filesystem::path copy(SQLite::Database& in, const std::filesystem::path& file) {
  auto beside = file;
  beside += ".before-" + std::to_string(journal_version);
  unique_fd made{::open(beside.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
  SQLite::Statement row{in, "VACUUM INTO ?"};
  row.bind(1, beside.string());
  row.exec();
  {
    SQLite::Database kept{beside.string(), SQLite::OPEN_READWRITE};
    kept.exec("PRAGMA secure_delete=ON");
    kept.exec("DROP TABLE IF EXISTS accounts");
  }
  ::fsync(made.get());
  return beside;
}

/// Of a form without the parties of what has ended; from then on a trigger writes them down.
void take_parties(SQLite::Database& in) {
  in.exec("INSERT OR IGNORE INTO parties SELECT sender, started_ms, transfer, side, sender, file FROM "
          "transfers WHERE finished = 1 OR state IN ('unconfirmed', 'spooled')");
  in.exec("INSERT OR IGNORE INTO parties SELECT to_whom.key, started_ms, transfer, side, sender, file FROM "
          "transfers, json_each(receivers) AS to_whom WHERE finished = 1 OR state IN ('unconfirmed', "
          "'spooled')");
}

void change(SQLite::Database& in, const char* schema, const std::set<std::string>& changed) {
  SQLite::Transaction all{in};
  bool lacks_parties =
      in.tableExists("transfers") && !in.tableExists("parties") && !changed.count("transfers");
  for (const auto& table : changed) set_aside(in, table);
  in.exec(schema);
  if (changed.count("transfers")) take_rows(in, "transfers"); // others are looked up in it
  for (const auto& table : changed)
    if (table != "transfers") take_rows(in, table);
  if (lacks_parties) take_parties(in);
  take_requests(in);
  // Kept from when it ended; but a clock that was ahead then keeps nothing for longer than from now on.
  if (changed.count("transfers"))
    in.exec("UPDATE transfers SET saved_ms = min(coalesce(ended_ms, started_ms), "
            "CAST(strftime('%s', 'now') AS INTEGER) * 1000) WHERE saved_ms = 0");
  in.exec("PRAGMA user_version = " + std::to_string(journal_version));
  all.commit();
}

} // namespace

void bring_up_to_date(SQLite::Database& in, const std::filesystem::path& file, const char* schema) {
  auto version = in.execAndGet("PRAGMA user_version").getInt();
  if (version > journal_version)
    throw foreign_journal{file.string() + " was made by a later version of hublink: its tables have the " +
                          "number " + std::to_string(version) + ", this version knows them up to " +
                          std::to_string(journal_version) + "; start that version, or another --data"};
  auto changed = changed_tables(in, form_of(schema), file);
  bool fresh = !in.tableExists("transfers");
  bool present = version == journal_version && changed.empty() && !in.tableExists("requests");
  if (!fresh && !present)
    spdlog::info("{} is brought up to date; as it was it is kept in {}", file.string(),
                 copy(in, file).string());
  change(in, schema, changed);
}

} // namespace hublink
