#include "node/journal/journal_store.hpp"
#include "actors/transfer/receive_rules.hpp"
#include "node/journal/journal_migration.hpp"
#include "node/journal/journal_row.hpp"

namespace hublink {

namespace {

constexpr auto schema = R"(
CREATE TABLE IF NOT EXISTS transfers (
  transfer TEXT NOT NULL, side INTEGER NOT NULL, file TEXT NOT NULL, sender TEXT NOT NULL, receivers TEXT NOT NULL,
  state TEXT NOT NULL, finished INTEGER NOT NULL, sequence INTEGER NOT NULL, attempt INTEGER NOT NULL, all_sent INTEGER NOT NULL,
  bytes INTEGER NOT NULL, size INTEGER NOT NULL, started_ms INTEGER NOT NULL, ended_ms INTEGER,
  reason_code TEXT, reason_hop TEXT, reason_text TEXT, path TEXT NOT NULL, digest TEXT NOT NULL,
  generation INTEGER NOT NULL, source TEXT, safe_bytes INTEGER NOT NULL, safe_digest TEXT NOT NULL,
  cancel_wanted INTEGER NOT NULL, not_before_ms INTEGER NOT NULL, rate INTEGER, jobs TEXT, job_due TEXT,
  broken TEXT, saved_ms INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (transfer, side, sender, file)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS transfers_job ON transfers (transfer) WHERE job_due IS NOT NULL;
CREATE INDEX IF NOT EXISTS transfers_saved ON transfers (saved_ms) WHERE finished = 1;
CREATE TABLE IF NOT EXISTS receivers (
  transfer TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, job TEXT, PRIMARY KEY (transfer, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS served (
  requester TEXT NOT NULL, file TEXT NOT NULL, request TEXT NOT NULL, transfer TEXT NOT NULL,
  PRIMARY KEY (requester, file, request)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS served_transfer ON served (transfer);
CREATE TABLE IF NOT EXISTS origins (
  origin_of TEXT PRIMARY KEY, requested_by TEXT NOT NULL, resend_of TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sequences (file TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS publications (
  transfer TEXT NOT NULL, sender TEXT NOT NULL, file TEXT NOT NULL, generation INTEGER NOT NULL, path TEXT NOT NULL,
  digest TEXT NOT NULL, size INTEGER NOT NULL, receipt BLOB NOT NULL, refuse_existing INTEGER NOT NULL,
  job INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (transfer, sender, file)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS publications_open ON publications (transfer) WHERE done = 0;
CREATE TABLE IF NOT EXISTS held (only INTEGER PRIMARY KEY CHECK (only = 1)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS published (
  sender TEXT NOT NULL, file TEXT NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (sender, file)) WITHOUT ROWID;
)";

/// Where a key's columns are asked for, from the first place on.
void bind_key(SQLite::Statement& row, const transfer_key& key) {
  row.bind(1, key.transfer);
  row.bind(2, key.sender);
  row.bind(3, key.file);
}

constexpr auto save_sql =
    "INSERT OR REPLACE INTO transfers VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

} // namespace

// The plus: not by the index of what has ended, which would be read whole.
const char* const journal_store::prunable_sql =
    "SELECT transfer, side, sender, file FROM transfers AS old WHERE finished = 1 AND saved_ms < ? AND "
    "EXISTS "
    "(SELECT 1 FROM transfers AS later WHERE later.file = old.file AND (later.finished = 1 OR later.state IN "
    "('unconfirmed', 'spooled')) AND (later.started_ms, later.transfer) > (old.started_ms, old.transfer) AND "
    "later.side = old.side AND +later.finished = 1) ORDER BY saved_ms LIMIT ?";

journal_store::journal_store(const std::filesystem::path& file, steady_clock steady_ms)
    : file_(file), steady_ms_(std::move(steady_ms)),
      database_(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE), listing_(database_),
      spools_(database_) {
  std::filesystem::permissions(file,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  database_.setBusyTimeout(5000);
  database_.exec("PRAGMA journal_mode=WAL");
  database_.exec("PRAGMA synchronous=FULL");
  // A log that one large commit made long becomes short again; SQLite itself moves it into the database every
  // 1,000 pages.
  database_.exec("PRAGMA journal_size_limit=8388608");
  bring_up_to_date(database_, file,
                   (std::string(schema) + transfer_listing::schema + spool_rows::schema).c_str());
}

SQLite::Statement& journal_store::statement(const char* sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) found = statements_.try_emplace(sql, database_, sql).first;
  found->second.tryReset(); // says once more what its last run failed with: old news
  found->second.clearBindings();
  return found->second;
}

void journal_store::begin() { statement("BEGIN IMMEDIATE").exec(); }
void journal_store::commit() { statement("COMMIT").exec(); }
void journal_store::rollback() { statement("ROLLBACK").exec(); }

std::uint64_t journal_store::next_sequence(const std::string& file, std::int64_t now_ms) {
  auto& upsert = statement("INSERT INTO sequences VALUES (?, ?) ON CONFLICT (file) "
                           "DO UPDATE SET last = max(last + 1, excluded.last)");
  upsert.bind(1, file);
  upsert.bind(2, now_ms);
  upsert.exec();
  auto& row = statement("SELECT last FROM sequences WHERE file = ?");
  row.bind(1, file);
  row.executeStep();
  auto last = std::uint64_t(row.getColumn(0).getInt64());
  row.reset();
  return last;
}

void journal_store::save(const transfer_record& record) {
  auto& row = statement(save_sql);
  bind_record(row, record);
  row.bind(30, steady_ms_());
  row.exec();
  if (record.side == transfer_side::sender) forget_receivers(record.transfer); // the row has them
  if (ends_publication(record)) forget_publication(key_of(record));
  if (!record.request.empty())
    save_request({record.request, record.file, requester_of(record)}, record.transfer);
}

void journal_store::save(const receiver_changes& what) {
  std::map<std::string, const job_report*> jobs;
  for (const auto& job : what.jobs) jobs[job.node] = &job;
  for (const auto& [name, state] : what.to) {
    auto& row = statement("INSERT OR REPLACE INTO receivers VALUES (?,?,?,?)");
    bind_receiver(row, what.transfer, name, state, jobs.count(name) ? jobs[name] : nullptr);
    row.exec();
  }
}

void journal_store::forget_receivers(const transfer_id& transfer) {
  auto& row = statement("DELETE FROM receivers WHERE transfer = ?");
  row.bind(1, transfer);
  row.exec();
}

void journal_store::save_new(const transfer_record& record) {
  save(record);
  if (record.requested_by.empty()) return;
  auto& row = statement("INSERT OR REPLACE INTO origins VALUES (?,?,?)");
  row.bind(1, record.transfer);
  row.bind(2, record.requested_by);
  row.bind(3, record.resend_of);
  row.exec();
}

void journal_store::save_request(const send_request& request, const transfer_id& transfer) {
  auto& row = statement("INSERT OR IGNORE INTO served VALUES (?,?,?,?)");
  row.bind(1, request.requester);
  row.bind(2, request.file);
  row.bind(3, request.request);
  row.bind(4, transfer);
  row.exec();
}

std::optional<transfer_record> journal_store::find_served(const send_request& request) {
  transfer_query query;
  query.request = request.request;
  query.requester = request.requester;
  query.file = request.file;
  auto found = list(query);
  if (found.empty()) return {};
  return found.front();
}

// What failed must not be taken for published after a crash, when its partial file is gone.
void journal_store::forget_publication(const transfer_key& key) {
  auto& row =
      statement("DELETE FROM publications WHERE transfer = ? AND sender = ? AND file = ? AND done = 0");
  bind_key(row, key);
  row.exec();
}

std::optional<transfer_record> journal_store::find(const transfer_key& key, transfer_side side) {
  static const auto sql = std::string(transfer_listing::rows_sql) +
                          " WHERE transfer = ? AND sender = ? AND file = ? AND side = ?";
  auto& row = statement(sql.c_str());
  bind_key(row, key);
  row.bind(4, int(side));
  std::optional<transfer_record> found;
  if (row.executeStep()) found = listing_.read_whole(row);
  row.reset();
  return found;
}

// A receipt lives as long as its transfer's row: who asks again before gets it, who asks after it is answered
// by `published`, which is kept for ever.
std::size_t journal_store::prune(std::int64_t before_ms, std::uint32_t most) {
  std::vector<std::pair<transfer_key, int>> old;
  auto& row = statement(prunable_sql);
  row.bind(1, before_ms);
  row.bind(2, most);
  while (row.executeStep())
    old.emplace_back(transfer_key{row.getColumn(0).getString(), row.getColumn(2).getString(),
                                  row.getColumn(3).getString()},
                     row.getColumn(1).getInt());
  row.reset();
  for (const auto& [key, side] : old) {
    auto& gone =
        statement("DELETE FROM transfers WHERE transfer = ? AND sender = ? AND file = ? AND side = ?");
    bind_key(gone, key);
    gone.bind(4, side);
    gone.exec();
    if (side == int(transfer_side::sender)) {
      forget_requests(key.transfer);
      forget_receivers(key.transfer);
    }
    if (side != int(transfer_side::receiver)) continue;
    auto& receipt = statement("DELETE FROM publications WHERE transfer = ? AND sender = ? AND file = ?");
    bind_key(receipt, key);
    receipt.exec();
  }
  return old.size();
}

void journal_store::forget_requests(const transfer_id& transfer) {
  for (auto sql : {"DELETE FROM served WHERE transfer = ?", "DELETE FROM origins WHERE origin_of = ?"}) {
    auto& row = statement(sql);
    row.bind(1, transfer);
    row.exec();
  }
}

std::uint64_t journal_store::last_published(const std::string& sender, const std::string& file) {
  auto& row = statement("SELECT sequence FROM published WHERE sender = ? AND file = ?");
  row.bind(1, sender);
  row.bind(2, file);
  auto last = row.executeStep() ? std::uint64_t(row.getColumn(0).getInt64()) : 0;
  row.reset();
  return last;
}

open_publication journal_store::last_open(const transfer_key& but_of) {
  open_publication last;
  for (const auto& open : open_publications()) {
    if (open.key == but_of || open.key.sender != but_of.sender || open.key.file != but_of.file) continue;
    auto record = find(open.key, transfer_side::receiver);
    if (record && record->sequence > last.sequence)
      last = {record->sequence, record->state == transfer_state::running};
  }
  return last;
}

void journal_store::save_publication(const publication& what) {
  for (const auto& open : open_publications())
    if (open.path == what.path) forget_publication(open.key);
  auto& row = statement("INSERT OR REPLACE INTO publications VALUES (?,?,?,?,?,?,?,?,?,?,0)");
  bind_key(row, what.key);
  row.bind(4, what.generation);
  row.bind(5, what.path);
  row.bind(6, what.digest);
  row.bind(7, std::int64_t(what.size));
  row.bind(8, what.receipt.data(), int(what.receipt.size()));
  row.bind(9, what.refuse_existing ? 1 : 0);
  row.bind(10, what.job ? 1 : 0);
  row.exec();
}

std::optional<publication> journal_store::find_publication(const transfer_key& key) {
  auto& row = statement("SELECT * FROM publications WHERE transfer = ? AND sender = ? AND file = ?");
  bind_key(row, key);
  std::optional<publication> found;
  if (row.executeStep()) found = read_publication(row);
  row.reset();
  return found;
}

void journal_store::commit_publication(const transfer_key& key, std::int64_t now_ms) {
  auto what = find_publication(key);
  auto record = find(key, transfer_side::receiver);
  if (!what || !record) return;
  save(published_record(*record, *what, now_ms));
  auto& done = statement("UPDATE publications SET done = 1 WHERE transfer = ? AND sender = ? AND file = ?");
  bind_key(done, key);
  done.exec();
  auto& last = statement("INSERT INTO published VALUES (?,?,?) ON CONFLICT (sender, file) "
                         "DO UPDATE SET sequence = max(sequence, excluded.sequence)");
  last.bind(1, record->from);
  last.bind(2, record->file);
  last.bind(3, std::int64_t(record->sequence));
  last.exec();
}

void journal_store::save_report(const transfer_key& key, const job_report& how) {
  auto record = find(key, side_of(how.kind));
  if (!record) return;
  keep_report(*record, how);
  save(*record);
}

bool journal_store::hold(bool on) {
  statement(on ? "INSERT OR IGNORE INTO held VALUES (1)" : "DELETE FROM held").exec();
  return on;
}

bool journal_store::is_held() {
  auto& row = statement("SELECT 1 FROM held");
  bool held = row.executeStep();
  row.reset();
  return held;
}

std::vector<publication> journal_store::open_publications() {
  auto& row = statement("SELECT * FROM publications WHERE done = 0 ORDER BY transfer");
  std::vector<publication> all;
  while (row.executeStep()) all.push_back(read_publication(row));
  row.reset();
  return all;
}

void journal_store::queue_broken_receives() {
  statement("UPDATE transfers SET state = 'queued', reason_code = 'cut', reason_hop = '', reason_text = "
            "'the node stopped while it received' WHERE side = 1 AND finished = 0")
      .exec();
}

} // namespace hublink
