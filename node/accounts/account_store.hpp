#pragma once
/// The accounts of a server and its audit trail, in tables of their own in the node's journal. Of a password
/// there is what checks it (`scram::verifier`), nothing that logs in. Blocking, not thread-safe; throws
/// `SQLite::Exception`.
#include "node/accounts/rights.hpp"
#include "protocol/trust/scram.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hublink {

/// Another one after every change of an account, and after one of the same name was made anew: what was
/// granted to an earlier one counts no more.
using account_epoch = std::int64_t;

struct account_row {
  account who;
  account_epoch epoch = 0;
  std::int64_t made_ms = 0;
  std::uint32_t failures = 0; ///< wrong passwords since the last right one
};

/// Who did what from where, and how it went.
struct audit_row {
  std::int64_t time_ms = 0;
  std::string from; ///< the manager's name; empty: at this node
  std::string user, command, detail;
  std::string transfer, file; ///< what it was about, as far as that is known
  std::string result;         ///< `begun`, `ok`, a transfer's last state, or a failure's code
};

class account_store {
 public:
  explicit account_store(const std::filesystem::path& file);

  bool empty();
  std::vector<account_row> list();
  std::optional<account_row> find(const std::string& name);
  /// False if there is one of that name.
  bool add(const account& who, const scram::verifier& keys, std::int64_t now_ms);
  bool remove(const std::string& name);
  bool change_password(const std::string& name, const scram::verifier& keys);
  /// Rights and files of the account of that name.
  bool change_rights(const account& who);

  /// How a new password of that account is made into a key. The same for ever, whether there is such an
  /// account or not, so that it tells nobody.
  scram::recipe recipe_of(const std::string& name);
  /// What checks its password; of an unknown name one that none fits.
  struct checked_by {
    scram::verifier keys;
    account_epoch epoch = 0; ///< none: there is no such account
  };
  checked_by verifier_of(const std::string& name);
  /// Counts how that check went. The account, if it was right and is still the one that was checked.
  std::optional<account_row> settle(const std::string& name, account_epoch epoch, bool right);

  /// The row's number.
  std::int64_t note(const audit_row& what);
  /// What a command came to. Where transfer and file are empty, what the row says of them stays.
  void conclude(std::int64_t number, const std::string& result, const std::string& transfer,
                const std::string& file);
  std::vector<audit_row> audit(std::uint32_t limit); ///< newest first

 private:
  void read_secret();
  void take_over_hashes();

  SQLite::Database database_;
  scram::key secret_{}; ///< of this server, for recipes; also what no password fits
};

/// 20 characters out of 32 that are not mistaken for each other: 100 bits.
std::string make_password();

} // namespace hublink
