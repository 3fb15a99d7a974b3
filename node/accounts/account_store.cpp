#include "node/accounts/account_store.hpp"

#include <nlohmann/json.hpp>
#include <sodium.h>
#include <spdlog/spdlog.h>

#include <cstring>

namespace hublink {

namespace {

constexpr auto account_schema = R"(
CREATE TABLE IF NOT EXISTS users (
  name TEXT PRIMARY KEY, rights TEXT NOT NULL, files TEXT NOT NULL, made_ms INTEGER NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
  epoch INTEGER NOT NULL, salt BLOB NOT NULL, passes INTEGER NOT NULL, memory_kib INTEGER NOT NULL, stored_key BLOB NOT NULL,
  server_key BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS user_secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audit (
  number INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, came_from TEXT NOT NULL, user TEXT NOT NULL, command TEXT NOT NULL,
  detail TEXT NOT NULL, result TEXT NOT NULL, transfer TEXT NOT NULL DEFAULT '', file TEXT NOT NULL DEFAULT '');
)";
constexpr auto account_columns =
    "name, rights, files, made_ms, failures, epoch, salt, passes, memory_kib, stored_key, server_key";

constexpr std::int64_t most_audited = 1'000'000; ///< rows; the oldest go

account_epoch make_epoch() {
  std::uint64_t drawn = 0;
  randombytes_buf(&drawn, sizeof drawn);
  return account_epoch(drawn >> 1 | 1); // above 0
}

template <std::size_t size>
std::array<std::byte, size> read_octets(const SQLite::Column& column) {
  std::array<std::byte, size> made{};
  if (column.getBytes() == int(size)) std::memcpy(made.data(), column.getBlob(), size);
  return made;
}

template <std::size_t size>
void bind_octets(SQLite::Statement& row, int at, const std::array<std::byte, size>& data) {
  row.bind(at, data.data(), int(size));
}

account_row read_account(SQLite::Statement& row) {
  account_row found;
  found.who.name = row.getColumn(0).getString();
  if (auto rights = rights_from_text(row.getColumn(1).getString())) found.who.rights = *rights;
  for (const auto& file : nlohmann::json::parse(row.getColumn(2).getString()))
    found.who.files.insert(file.get<std::string>());
  found.made_ms = row.getColumn(3).getInt64();
  found.failures = row.getColumn(4).getUInt();
  found.epoch = row.getColumn(5).getInt64();
  return found;
}

/// From the parameter `at` on.
void bind_verifier(SQLite::Statement& row, int at, const scram::verifier& keys) {
  bind_octets(row, at, keys.recipe.salt);
  row.bind(at + 1, keys.recipe.cost.passes);
  row.bind(at + 2, keys.recipe.cost.memory_kib);
  bind_octets(row, at + 3, keys.stored);
  bind_octets(row, at + 4, keys.server);
}

template <std::size_t size>
std::array<std::byte, size> drawn_from(const scram::key& secret, const std::string& text) {
  std::array<std::byte, size> made{};
  crypto_generichash(reinterpret_cast<unsigned char*>(made.data()), size,
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     reinterpret_cast<const unsigned char*>(secret.data()), secret.size());
  return made;
}

} // namespace

std::string make_password() {
  constexpr std::string_view letters = "abcdefghjkmnpqrstuvwxyz23456789-";
  static_assert(letters.size() == 32);
  std::string made(20, ' ');
  for (auto& letter : made) letter = letters[randombytes_uniform(std::uint32_t(letters.size()))];
  return made;
}

account_store::account_store(const std::filesystem::path& file)
    : database_(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
  if (sodium_init() < 0) throw std::bad_alloc{};
  database_.setBusyTimeout(5000);
  database_.exec("PRAGMA journal_mode=WAL");
  database_.exec("PRAGMA synchronous=FULL");
  database_.exec("PRAGMA secure_delete=ON"); // what checked a password is not left behind in free pages
  database_.exec(account_schema);
  read_secret();
  take_over_hashes();
}

void account_store::read_secret() {
  randombytes_buf(secret_.data(), secret_.size());
  SQLite::Statement put{database_, "INSERT OR IGNORE INTO user_secrets VALUES ('recipes', ?)"};
  bind_octets(put, 1, secret_);
  put.exec();
  SQLite::Statement row{database_, "SELECT value FROM user_secrets WHERE name = 'recipes'"};
  if (row.executeStep()) secret_ = read_octets<32>(row.getColumn(0));
}

// Before 0.2 a row had the hash of the password, which is the salted password of a login: who reads it could
// log in. Once.
void account_store::take_over_hashes() {
  if (!database_.tableExists("accounts")) return;
  SQLite::Transaction all{database_};
  bool old_audit = true;
  for (SQLite::Statement column{database_, "PRAGMA table_info(audit)"}; column.executeStep();)
    if (column.getColumn(1).getString() == "transfer") old_audit = false;
  if (old_audit) {
    database_.exec("ALTER TABLE audit ADD COLUMN transfer TEXT NOT NULL DEFAULT ''");
    database_.exec("ALTER TABLE audit ADD COLUMN file TEXT NOT NULL DEFAULT ''");
  }
  SQLite::Statement row{database_, "SELECT name, password, rights, files, made_ms, failures FROM accounts"};
  while (row.executeStep()) {
    auto keys = scram::verifier_of_hash(row.getColumn(1).getString());
    if (!keys) {
      spdlog::warn("the password of the account {} can't be read; give it another one",
                   row.getColumn(0).getString());
      keys = verifier_of("").keys;
    }
    SQLite::Statement put{database_, std::string("INSERT OR IGNORE INTO users (") + account_columns +
                                         ") VALUES (?,?,?,?,?,?,?,?,?,?,?)"};
    put.bind(1, row.getColumn(0).getString());
    put.bind(2, row.getColumn(2).getString());
    put.bind(3, row.getColumn(3).getString());
    put.bind(4, row.getColumn(4).getInt64());
    put.bind(5, row.getColumn(5).getUInt());
    put.bind(6, make_epoch());
    bind_verifier(put, 7, *keys);
    put.exec();
  }
  row.reset();
  database_.exec("DROP TABLE accounts");
  all.commit();
  database_.tryExec("PRAGMA wal_checkpoint(TRUNCATE)"); // the hashes are in the log, too
}

bool account_store::empty() { return database_.execAndGet("SELECT COUNT(*) FROM users").getInt() == 0; }

std::vector<account_row> account_store::list() {
  SQLite::Statement row{database_, std::string("SELECT ") + account_columns + " FROM users ORDER BY name"};
  std::vector<account_row> all;
  while (row.executeStep()) all.push_back(read_account(row));
  return all;
}

std::optional<account_row> account_store::find(const std::string& name) {
  SQLite::Statement row{database_, std::string("SELECT ") + account_columns + " FROM users WHERE name = ?"};
  row.bind(1, name);
  if (!row.executeStep()) return {};
  return read_account(row);
}

bool account_store::add(const account& who, const scram::verifier& keys, std::int64_t now_ms) {
  SQLite::Statement row{database_, std::string("INSERT OR IGNORE INTO users (") + account_columns +
                                       ") VALUES (?,?,?,?,0,?,?,?,?,?,?)"};
  row.bind(1, who.name);
  row.bind(2, to_text(who.rights));
  row.bind(3, nlohmann::json(who.files).dump());
  row.bind(4, now_ms);
  row.bind(5, make_epoch());
  bind_verifier(row, 6, keys);
  return row.exec() == 1;
}

bool account_store::remove(const std::string& name) {
  SQLite::Statement row{database_, "DELETE FROM users WHERE name = ?"};
  row.bind(1, name);
  return row.exec() == 1;
}

bool account_store::change_password(const std::string& name, const scram::verifier& keys) {
  SQLite::Statement row{database_,
                        "UPDATE users SET epoch = ?, salt = ?, passes = ?, memory_kib = ?, stored_key = ?, "
                        "server_key = ?, failures = 0 WHERE name = ?"};
  row.bind(1, make_epoch());
  bind_verifier(row, 2, keys);
  row.bind(7, name);
  return row.exec() == 1;
}

bool account_store::change_rights(const account& who) {
  SQLite::Statement row{database_, "UPDATE users SET epoch = ?, rights = ?, files = ? WHERE name = ?"};
  row.bind(1, make_epoch());
  row.bind(2, to_text(who.rights));
  row.bind(3, nlohmann::json(who.files).dump());
  row.bind(4, who.name);
  return row.exec() == 1;
}

scram::recipe account_store::recipe_of(const std::string& name) {
  return {drawn_from<16>(secret_, "salt " + name), scram::least_cost};
}

account_store::checked_by account_store::verifier_of(const std::string& name) {
  SQLite::Statement row{database_,
                        "SELECT salt, passes, memory_kib, stored_key, server_key, epoch FROM users "
                        "WHERE name = ?"};
  row.bind(1, name);
  if (!row.executeStep())
    return {
        {recipe_of(name), drawn_from<32>(secret_, "none " + name), drawn_from<32>(secret_, "server " + name)},
        0};
  scram::verifier keys;
  keys.recipe = {read_octets<16>(row.getColumn(0)), {row.getColumn(1).getUInt(), row.getColumn(2).getUInt()}};
  keys.stored = read_octets<32>(row.getColumn(3));
  keys.server = read_octets<32>(row.getColumn(4));
  return {keys, row.getColumn(5).getInt64()};
}

std::optional<account_row> account_store::settle(const std::string& name, account_epoch epoch, bool right) {
  auto found = find(name);
  if (!found) return {};
  right = right && found->epoch == epoch;
  if (right && found->failures == 0) return found;
  SQLite::Statement count{database_, "UPDATE users SET failures = ? WHERE name = ?"};
  count.bind(1, right ? 0 : found->failures + 1);
  count.bind(2, name);
  count.exec();
  if (!right) return {};
  return found;
}

std::int64_t account_store::note(const audit_row& what) {
  SQLite::Statement row{database_,
                        "INSERT INTO audit (time_ms, came_from, user, command, detail, transfer, file, "
                        "result) VALUES (?,?,?,?,?,?,?,?)"};
  row.bind(1, what.time_ms);
  row.bind(2, what.from);
  row.bind(3, what.user);
  row.bind(4, what.command);
  row.bind(5, what.detail);
  row.bind(6, what.transfer);
  row.bind(7, what.file);
  row.bind(8, what.result);
  row.exec();
  auto number = database_.getLastInsertRowid();
  if (number % 1000 == 0)
    database_.exec("DELETE FROM audit WHERE number <= " + std::to_string(number - most_audited));
  return number;
}

void account_store::conclude(std::int64_t number, const std::string& result, const std::string& transfer,
                             const std::string& file) {
  SQLite::Statement row{database_, "UPDATE audit SET result = ?1, transfer = iif(?2 = '', transfer, ?2), "
                                   "file = iif(?3 = '', file, ?3) WHERE number = ?4"};
  row.bind(1, result);
  row.bind(2, transfer);
  row.bind(3, file);
  row.bind(4, number);
  row.exec();
}

std::vector<audit_row> account_store::audit(std::uint32_t limit) {
  SQLite::Statement row{database_,
                        "SELECT time_ms, came_from, user, command, detail, transfer, file, result FROM "
                        "audit ORDER BY number DESC LIMIT ?"};
  row.bind(1, limit);
  std::vector<audit_row> all;
  while (row.executeStep())
    all.push_back({row.getColumn(0).getInt64(), row.getColumn(1).getString(), row.getColumn(2).getString(),
                   row.getColumn(3).getString(), row.getColumn(4).getString(), row.getColumn(5).getString(),
                   row.getColumn(6).getString(), row.getColumn(7).getString()});
  return all;
}

} // namespace hublink
