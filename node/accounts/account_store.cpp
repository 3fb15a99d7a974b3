#include "node/accounts/account_store.hpp"

#include <nlohmann/json.hpp>
#include <sodium.h>

#include <array>

namespace hublink {

namespace {

constexpr auto account_schema = R"(
CREATE TABLE IF NOT EXISTS accounts (
  name TEXT PRIMARY KEY, password TEXT NOT NULL, rights TEXT NOT NULL, files TEXT NOT NULL, made_ms INTEGER NOT NULL,
  failures INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audit (
  number INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, came_from TEXT NOT NULL, user TEXT NOT NULL, command TEXT NOT NULL,
  detail TEXT NOT NULL, result TEXT NOT NULL);
)";

constexpr std::int64_t most_audited = 1'000'000; ///< rows; the oldest go

std::string hash_of_password(const std::string& password) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str(text.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
    throw std::bad_alloc{};
  return text.data();
}

account_row read_account(SQLite::Statement& row) {
  account_row found;
  found.who.name = row.getColumn(0).getString();
  if (auto rights = rights_from_text(row.getColumn(2).getString())) found.who.rights = *rights;
  for (const auto& file : nlohmann::json::parse(row.getColumn(3).getString()))
    found.who.files.insert(file.get<std::string>());
  found.made_ms = row.getColumn(4).getInt64();
  found.failures = row.getColumn(5).getUInt();
  return found;
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
  database_.exec(account_schema);
  nobody_ = hash_of_password(make_password());
}

bool account_store::empty() { return database_.execAndGet("SELECT COUNT(*) FROM accounts").getInt() == 0; }

std::vector<account_row> account_store::list() {
  SQLite::Statement row{database_, "SELECT * FROM accounts ORDER BY name"};
  std::vector<account_row> all;
  while (row.executeStep()) all.push_back(read_account(row));
  return all;
}

std::optional<account_row> account_store::find(const std::string& name) {
  SQLite::Statement row{database_, "SELECT * FROM accounts WHERE name = ?"};
  row.bind(1, name);
  if (!row.executeStep()) return {};
  return read_account(row);
}

bool account_store::add(const account& who, const std::string& password, std::int64_t now_ms) {
  SQLite::Statement row{database_, "INSERT OR IGNORE INTO accounts VALUES (?,?,?,?,?,0)"};
  row.bind(1, who.name);
  row.bind(2, hash_of_password(password));
  row.bind(3, to_text(who.rights));
  row.bind(4, nlohmann::json(who.files).dump());
  row.bind(5, now_ms);
  return row.exec() == 1;
}

bool account_store::remove(const std::string& name) {
  SQLite::Statement row{database_, "DELETE FROM accounts WHERE name = ?"};
  row.bind(1, name);
  return row.exec() == 1;
}

bool account_store::change_password(const std::string& name, const std::string& password) {
  SQLite::Statement row{database_, "UPDATE accounts SET password = ?, failures = 0 WHERE name = ?"};
  row.bind(1, hash_of_password(password));
  row.bind(2, name);
  return row.exec() == 1;
}

std::string account_store::hash_of(const std::string& name) {
  SQLite::Statement row{database_, "SELECT password FROM accounts WHERE name = ?"};
  row.bind(1, name);
  return row.executeStep() ? row.getColumn(0).getString() : nobody_;
}

bool account_store::is_password_of(const std::string& hash, const std::string& password) {
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

std::optional<account> account_store::settle(const std::string& name, const std::string& hash, bool right) {
  SQLite::Statement row{database_, "SELECT * FROM accounts WHERE name = ?"};
  row.bind(1, name);
  if (!row.executeStep()) return {};
  right = right && row.getColumn(1).getString() == hash;
  auto found = read_account(row);
  row.reset();
  if (right && found.failures == 0) return found.who;
  SQLite::Statement count{database_, "UPDATE accounts SET failures = ? WHERE name = ?"};
  count.bind(1, right ? 0 : found.failures + 1);
  count.bind(2, name);
  count.exec();
  if (!right) return {};
  return found.who;
}

void account_store::note(const audit_row& what) {
  SQLite::Statement row{database_, "INSERT INTO audit (time_ms, came_from, user, command, detail, result) "
                                   "VALUES (?,?,?,?,?,?)"};
  row.bind(1, what.time_ms);
  row.bind(2, what.from);
  row.bind(3, what.user);
  row.bind(4, what.command);
  row.bind(5, what.detail);
  row.bind(6, what.result);
  row.exec();
  if (auto number = database_.getLastInsertRowid(); number % 1000 == 0)
    database_.exec("DELETE FROM audit WHERE number <= " + std::to_string(number - most_audited));
}

std::vector<audit_row> account_store::audit(std::uint32_t limit) {
  SQLite::Statement row{database_, "SELECT time_ms, came_from, user, command, detail, result FROM audit "
                                   "ORDER BY number DESC LIMIT ?"};
  row.bind(1, limit);
  std::vector<audit_row> all;
  while (row.executeStep())
    all.push_back({row.getColumn(0).getInt64(), row.getColumn(1).getString(), row.getColumn(2).getString(),
                   row.getColumn(3).getString(), row.getColumn(4).getString(), row.getColumn(5).getString()});
  return all;
}

} // namespace hublink
