#include "node/journal/transfer_listing.hpp"
#include "node/journal/journal_row.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace hublink {

namespace {

constexpr std::array open_states{"queued", "running"};
constexpr std::array both_states{"unconfirmed", "spooled"}; ///< over, and they go on
constexpr std::array over_states{"done", "partial", "superseded", "failed", "cancelled"};

/// As the partial index has it, word for word: SQLite compares it so.
constexpr auto ended_sql = "(finished = 1 OR state IN ('unconfirmed', 'spooled'))";

constexpr auto newest_first = " ORDER BY started_ms DESC, transfer DESC, side DESC, sender DESC, file DESC";

/// Of one party, in that order: what has not ended by then is not among them.
constexpr auto party_rows_sql =
    "SELECT of_transfer AS transfer, of_side AS side, of_file AS file, of_sender AS sender, receivers, "
    "state, "
    "finished, sequence, attempt, all_sent, bytes, size, begun_ms AS started_ms, ended_ms, reason_code, "
    "reason_hop, reason_text, path, digest, generation, source, safe_bytes, safe_digest, cancel_wanted, "
    "not_before_ms, rate, jobs, job_due, broken, saved_ms, requested_by, resend_of FROM parties CROSS JOIN "
    "transfers ON transfer = of_transfer AND side = of_side AND sender = of_sender AND file = of_file AND "
    "started_ms = begun_ms LEFT JOIN origins ON origin_of = of_transfer AND of_side = 0";

/// Where the columns that a listing is ordered by are called otherwise.
struct order_columns {
  std::string started = "started_ms", all = "started_ms, transfer, side, sender, file";
};
const order_columns of_parties{"begun_ms", "begun_ms, of_transfer, of_side, of_sender, of_file"};

std::string filters(const transfer_query& query, const order_columns& by) {
  std::string sql;
  if (!query.transfer.empty()) sql += " AND transfer = :transfer";
  if (!query.file.empty()) sql += " AND file = :file";
  if (query.job_due) sql += " AND job_due IS NOT NULL";
  if (!query.request.empty())
    sql += " AND side = 0 AND transfer = (SELECT transfer FROM served WHERE requester = :requester AND "
           "served.file = :file AND request = :request)";
  if (query.state) sql += " AND state = :state";
  if (query.since_ms) sql += " AND " + by.started + " >= :since";
  if (query.until_ms) sql += " AND " + by.started + " < :until";
  if (query.after) sql += " AND (" + by.all + ") < (:at, :id, :end, :from, :of)";
  return sql;
}

std::string host_filter(const transfer_query& query) {
  if (query.host.empty()) return {};
  return " AND (sender = :host OR EXISTS (SELECT 1 FROM json_each(receivers) WHERE key = :host))";
}

/// Rows from several indices, each in the order of the whole: SQLite takes from all of them in turn, and
/// stops at the limit.
class row_sources {
 public:
  explicit row_sources(const transfer_query& query) : query_(query) {
    if (is_direct()) {
      add_direct();
      return;
    }
    if (query.finished != true) add_states(open_states);
    if (query.finished == false) add_states(both_states);
    if (query.finished != false) add_ended();
  }

  std::string sql() const { return sql_.empty() ? sql_ : sql_ + newest_first + " LIMIT :limit"; }

 private:
  bool is_direct() const { return !query_.transfer.empty() || !query_.request.empty() || query_.job_due; }

  void add(std::string rows, const std::string& where, const order_columns& by = {}) {
    sql_ += (sql_.empty() ? "" : " UNION ALL ") + std::move(rows) + " WHERE " + where + filters(query_, by);
  }

  void add_direct() {
    std::string where = "1";
    if (query_.finished) where = *query_.finished ? ended_sql : "finished = 0";
    add(transfer_listing::rows_sql, where + host_filter(query_));
  }

  template <std::size_t N>
  void add_states(const std::array<const char*, N>& states) {
    for (const char* state : states)
      if (!query_.state || std::string_view{state} == to_string(*query_.state))
        add(transfer_listing::rows_sql,
            std::string{"transfers.state = '"} + state + "'" + host_filter(query_));
  }

  void add_ended() {
    if (!query_.host.empty())
      return add(party_rows_sql, std::string{"party = :host AND "} + ended_sql, of_parties);
    if (!query_.file.empty()) return add(transfer_listing::rows_sql, ended_sql);
    add_states(over_states);
    add_states(both_states);
  }

  const transfer_query& query_;
  std::string sql_;
};

/// As far as it asks for them.
void bind_filters(SQLite::Statement& row, const transfer_query& query) {
  if (!query.transfer.empty()) row.bind(":transfer", query.transfer);
  if (!query.file.empty()) row.bind(":file", query.file);
  if (!query.request.empty()) {
    row.bind(":request", query.request);
    row.bind(":requester", query.requester);
  }
  if (query.state) row.bind(":state", std::string(to_string(*query.state)));
  if (!query.host.empty()) row.bind(":host", query.host);
  if (query.since_ms) row.bind(":since", *query.since_ms);
  if (query.until_ms) row.bind(":until", *query.until_ms);
  if (const auto& last = query.after) {
    row.bind(":at", last->started_ms);
    row.bind(":id", last->transfer);
    row.bind(":end", int(last->side));
    row.bind(":from", last->from);
    row.bind(":of", last->file);
  }
  row.bind(":limit", query.limit);
}

} // namespace

const char* const transfer_listing::schema = R"(
DROP INDEX IF EXISTS transfers_open;
DROP INDEX IF EXISTS transfers_file;
CREATE INDEX IF NOT EXISTS transfers_state ON transfers (state, started_ms);
CREATE INDEX IF NOT EXISTS transfers_ended ON transfers (file, started_ms)
  WHERE (finished = 1 OR state IN ('unconfirmed', 'spooled'));
CREATE TABLE IF NOT EXISTS parties (
  party TEXT NOT NULL, begun_ms INTEGER NOT NULL, of_transfer TEXT NOT NULL, of_side INTEGER NOT NULL,
  of_sender TEXT NOT NULL, of_file TEXT NOT NULL,
  PRIMARY KEY (party, begun_ms, of_transfer, of_side, of_sender, of_file)) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS transfers_end AFTER INSERT ON transfers
WHEN NEW.finished = 1 OR NEW.state IN ('unconfirmed', 'spooled') BEGIN
  INSERT OR IGNORE INTO parties
    SELECT NEW.sender, NEW.started_ms, NEW.transfer, NEW.side, NEW.sender, NEW.file
    UNION SELECT key, NEW.started_ms, NEW.transfer, NEW.side, NEW.sender, NEW.file FROM json_each(NEW.receivers);
END;
CREATE TRIGGER IF NOT EXISTS transfers_removal AFTER DELETE ON transfers BEGIN
  DELETE FROM parties WHERE party IN (SELECT OLD.sender UNION SELECT key FROM json_each(OLD.receivers))
    AND begun_ms = OLD.started_ms AND of_transfer = OLD.transfer AND of_side = OLD.side
    AND of_sender = OLD.sender AND of_file = OLD.file;
END;
)";

const char* const transfer_listing::rows_sql = "SELECT transfers.*, requested_by, resend_of FROM transfers "
                                               "LEFT JOIN origins ON origin_of = transfer AND "
                                               "side = 0";

std::string transfer_listing::sql(const transfer_query& query) { return row_sources{query}.sql(); }

std::vector<transfer_record> transfer_listing::list(const transfer_query& query) {
  auto text = sql(query);
  if (text.empty()) return {};
  SQLite::Statement row{database_, text};
  bind_filters(row, query);
  std::vector<transfer_record> all;
  while (row.executeStep()) all.push_back(read_whole(row));
  return all;
}

transfer_record transfer_listing::read_whole(SQLite::Statement& row) {
  auto record = read_record(row);
  if (record.side != transfer_side::sender) return record;
  if (!newer_) newer_.emplace(database_, "SELECT name, state, job FROM receivers WHERE transfer = ?");
  newer_->bind(1, record.transfer);
  receiver_changes changes{record.transfer, {}};
  while (newer_->executeStep()) read_receiver(*newer_, changes);
  newer_->reset();
  apply(record, changes);
  return record;
}

std::uint64_t transfer_listing::count(const char* states, const tally_query& query) {
  auto sql = std::string{"SELECT count(*) FROM transfers WHERE state IN ("} + states + ") AND finished = 0";
  if (query.files) sql += " AND file IN (SELECT value FROM json_each(:files))";
  SQLite::Statement row{database_, sql};
  if (query.files) row.bind(":files", nlohmann::json(*query.files).dump());
  row.executeStep();
  return std::uint64_t(row.getColumn(0).getInt64());
}

transfer_tally transfer_listing::tally(const tally_query& query) {
  // That number is another one once somebody else has written.
  auto version = database_.execAndGet("PRAGMA data_version").getInt64();
  if (!query.files && known_ && version == version_) return *known_;
  transfer_tally now{count("'queued'", query), count("'running', 'unconfirmed', 'spooled'", query)};
  if (!query.files) known_ = now;
  if (!query.files) version_ = version;
  return now;
}

} // namespace hublink
