#include "node/journal/spool_rows.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

// `transfer` is a `storage_name`, as the spool's file has it.
const char* const spool_rows::schema = R"(
CREATE TABLE IF NOT EXISTS spools (
  transfer TEXT PRIMARY KEY, told TEXT NOT NULL, names TEXT NOT NULL, offer BLOB NOT NULL, chunks INTEGER NOT NULL,
  chunk_size INTEGER NOT NULL, end BLOB NOT NULL, used_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS spool_parts (
  transfer TEXT NOT NULL, first INTEGER NOT NULL, header BLOB NOT NULL, metadata BLOB NOT NULL, envelopes BLOB NOT NULL,
  PRIMARY KEY (transfer, first));
CREATE TABLE IF NOT EXISTS spool_words (
  transfer TEXT NOT NULL, name TEXT NOT NULL, receipt INTEGER NOT NULL, said BLOB NOT NULL,
  PRIMARY KEY (transfer, name));
)";

namespace {

std::string open_text(const open& request, const store_terms& store) {
  nlohmann::json map{{"open_id", request.open_id},
                     {"attempt", request.attempt},
                     {"to", request.destination},
                     {"only", request.only}};
  if (request.file) map["file"] = *request.file;
  if (store.policy != store_policy::never)
    map["store"] = {int(store.policy), store.until_ms, store.held_back, store.expired};
  return map.dump();
}

open open_from(const std::string& text, const transfer_id& transfer) {
  auto map = nlohmann::json::parse(text);
  open request;
  request.transfer = transfer;
  request.open_id = map.at("open_id").get<std::string>();
  request.attempt = map.at("attempt").get<std::uint32_t>();
  request.destination = map.at("to").get<std::vector<std::string>>();
  request.only = map.at("only").get<std::vector<std::string>>();
  if (map.contains("file")) request.file = map.at("file").get<std::string>();
  return request;
}

store_terms terms_from(const std::string& text) {
  auto map = nlohmann::json::parse(text);
  auto store = map.find("store");
  if (store == map.end()) return {};
  return {store_policy(store->at(0).get<int>()), store->at(1).get<std::int64_t>(), store->at(2).get<bool>(),
          store->at(3).get<bool>()};
}

bytes envelopes_blob(const std::map<std::string, bytes>& envelopes) {
  nlohmann::json map = nlohmann::json::object();
  for (const auto& [name, record] : envelopes) {
    auto* begin = reinterpret_cast<const std::uint8_t*>(record.data());
    map[name] = nlohmann::json::binary({begin, begin + record.size()});
  }
  auto packed = nlohmann::json::to_cbor(map);
  auto view = std::as_bytes(std::span{packed});
  return {view.begin(), view.end()};
}

std::map<std::string, bytes> envelopes_from(const bytes& blob) {
  auto* begin = reinterpret_cast<const std::uint8_t*>(blob.data());
  std::map<std::string, bytes> envelopes;
  const auto map = nlohmann::json::from_cbor(begin, begin + blob.size());
  for (const auto& [name, record] : map.items()) {
    auto view = std::as_bytes(std::span{record.get_binary()});
    envelopes.emplace(name, bytes{view.begin(), view.end()});
  }
  return envelopes;
}

void bind_blob(SQLite::Statement& row, int at, const bytes& blob) {
  static const char nothing = 0; // not NULL
  row.bind(at, blob.empty() ? static_cast<const void*>(&nothing) : blob.data(), int(blob.size()));
}

bytes blob_of(SQLite::Statement& row, int at) {
  auto column = row.getColumn(at);
  auto* begin = static_cast<const std::byte*>(column.getBlob());
  return {begin, begin + column.getBytes()};
}

} // namespace

void spool_rows::run(const char* sql, const std::string& name) {
  SQLite::Statement row{database_, sql};
  row.bind(1, name);
  row.exec();
}

void spool_rows::save_head(const spool_record& now) {
  SQLite::Statement row{database_, "INSERT OR REPLACE INTO spools VALUES (?,?,?,?,?,?,?,?)"};
  row.bind(1, storage_name(now.key));
  row.bind(2, open_text(now.request, now.store));
  row.bind(3, nlohmann::json(now.names).dump());
  bind_blob(row, 4, now.held.offer);
  row.bind(5, std::int64_t(now.held.chunks));
  row.bind(6, now.held.chunk_size);
  bind_blob(row, 7, now.held.end);
  row.bind(8, now.used_ms);
  row.exec();
}

void spool_rows::save_progress(const spool_record& now) {
  SQLite::Statement row{
      database_, "UPDATE spools SET chunks = ?, chunk_size = ?, end = ?, used_ms = ? WHERE transfer = ?"};
  row.bind(1, std::int64_t(now.held.chunks));
  row.bind(2, now.held.chunk_size);
  bind_blob(row, 3, now.held.end);
  row.bind(4, now.used_ms);
  row.bind(5, storage_name(now.key));
  row.exec();
}

void spool_rows::save(const spool_change& change) {
  const auto& now = change.now;
  const auto name = storage_name(now.key);
  change.whole ? save_head(now) : save_progress(now);
  if (change.drops_parts_from > 0) {
    SQLite::Statement old{database_, "DELETE FROM spool_parts WHERE transfer = ? AND first >= ?"};
    old.bind(1, name);
    old.bind(2, std::int64_t(change.drops_parts_from));
    old.exec();
  }
  if (change.clears_failures) run("DELETE FROM spool_words WHERE transfer = ? AND receipt = 0", name);
  for (const auto& part : now.held.parts) {
    SQLite::Statement add{database_, "INSERT OR REPLACE INTO spool_parts VALUES (?,?,?,?,?)"};
    add.bind(1, name);
    add.bind(2, std::int64_t(part->first));
    bind_blob(add, 3, part->header);
    bind_blob(add, 4, part->metadata);
    bind_blob(add, 5, envelopes_blob(part->envelopes));
    add.exec();
  }
  if (now.results.empty()) return;
  SQLite::Statement add{database_, "INSERT OR REPLACE INTO spool_words VALUES (?,?,?,?)"};
  for (const auto& result : now.results) {
    add.bind(1, name);
    add.bind(2, result.name);
    add.bind(3, result.type == record_type::receipt ? 1 : 0);
    bind_blob(add, 4, encode(result));
    add.exec();
    add.reset();
  }
}

void spool_rows::remove(const transfer_key& key) {
  for (auto sql : {"DELETE FROM spools WHERE transfer = ?", "DELETE FROM spool_parts WHERE transfer = ?",
                   "DELETE FROM spool_words WHERE transfer = ?"})
    run(sql, storage_name(key));
}

// An earlier version knew a spool by its id alone.
void spool_rows::rename(const std::string& before, const std::string& name) {
  for (auto table : {"spools", "spool_parts", "spool_words"}) {
    SQLite::Statement row{database_, std::string("UPDATE ") + table + " SET transfer = ? WHERE transfer = ?"};
    row.bind(1, name);
    row.bind(2, before);
    row.exec();
  }
}

std::vector<spool_record> spool_rows::all() {
  std::vector<spool_record> found;
  std::vector<std::string> names;
  SQLite::Statement row{database_, "SELECT * FROM spools ORDER BY transfer"};
  while (row.executeStep()) {
    spool_record record;
    const auto name = row.getColumn(0).getString();
    record.key.transfer = name.substr(0, name.find('-'));
    record.key.part = part_of(name);
    record.used_ms = row.getColumn(7).getInt64();
    try {
      record.request = open_from(row.getColumn(1).getString(), record.key.transfer);
      record.store = terms_from(row.getColumn(1).getString());
      record.names = nlohmann::json::parse(row.getColumn(2).getString()).get<std::vector<std::string>>();
      record.held.offer = blob_of(row, 3);
      record.held.chunks = std::uint64_t(row.getColumn(4).getInt64());
      record.held.chunk_size = row.getColumn(5).getUInt();
      record.held.end = blob_of(row, 6);
      read_parts(record, name);
      read_results(record, name);
      record.key.file = record.request.file.value_or("");
      if (auto offer = spool::read_offer(record.held.offer, record.key.file))
        record.key.sender = offer->sender;
    } catch (const nlohmann::json::exception&) {
      continue;
    }
    names.push_back(name);
    found.push_back(std::move(record));
  }
  for (std::size_t i = 0; i < found.size(); ++i)
    if (names[i] != storage_name(found[i].key)) rename(names[i], storage_name(found[i].key));
  return found;
}

void spool_rows::read_parts(spool_record& into, const std::string& name) {
  SQLite::Statement row{
      database_,
      "SELECT first, header, metadata, envelopes FROM spool_parts WHERE transfer = ? ORDER BY first"};
  row.bind(1, name);
  while (row.executeStep()) {
    spool::segment part{std::uint64_t(row.getColumn(0).getInt64()), blob_of(row, 1), blob_of(row, 2),
                        envelopes_from(blob_of(row, 3))};
    into.held.parts.push_back(std::make_shared<const spool::segment>(std::move(part)));
  }
}

void spool_rows::read_results(spool_record& into, const std::string& name) {
  SQLite::Statement row{database_, "SELECT said FROM spool_words WHERE transfer = ? ORDER BY name"};
  row.bind(1, name);
  while (row.executeStep())
    if (auto result = decode_branch(blob_of(row, 0))) into.results.push_back(std::move(*result));
}

} // namespace hublink
