#pragma once
/// The accounts of a server and its audit trail, in tables of their own in the node's journal. Passwords are
/// kept as Argon2id hashes. Blocking, not thread-safe (`is_password_of` is); throws `SQLite::Exception`.
#include "node/accounts/rights.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hublink {

struct account_row {
  account who;
  std::int64_t made_ms = 0;
  std::uint32_t failures = 0; ///< wrong passwords since the last right one
};

/// Who did what from where, and how it went.
struct audit_row {
  std::int64_t time_ms = 0;
  std::string from; ///< the manager's name; empty: at this node
  std::string user, command, detail;
  std::string result; ///< `ok`, or a failure's code
};

class account_store {
 public:
  explicit account_store(const std::filesystem::path& file);

  bool empty();
  std::vector<account_row> list();
  std::optional<account_row> find(const std::string& name);
  /// False if there is one of that name.
  bool add(const account& who, const std::string& password, std::int64_t now_ms);
  bool remove(const std::string& name);
  bool change_password(const std::string& name, const std::string& password);
  /// The hash to check a password against; of an unknown name one that none fits, so that it takes as long.
  std::string hash_of(const std::string& name);
  /// Slow, on purpose.
  static bool is_password_of(const std::string& hash, const std::string& password);
  /// Counts how that check went. The account, if it was right and the hash is still the one in force.
  std::optional<account> settle(const std::string& name, const std::string& hash, bool right);

  void note(const audit_row& what);
  std::vector<audit_row> audit(std::uint32_t limit); ///< newest first

 private:
  SQLite::Database database_;
  std::string nobody_; ///< the hash that unknown names are checked against
};

/// 20 characters out of 32 that are not mistaken for each other: 100 bits.
std::string make_password();

} // namespace hublink
