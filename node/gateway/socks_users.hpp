#pragma once
/// Who may use this node's SOCKS5 listener: `DIR/socks.users`, a user a line, `user:HASH` as `hublink
/// socks-users` writes it (Argon2id), or `user:password`.
#include "protocol/base/errors.hpp"
#include "protocol/base/secret.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace hublink {

class socks_users {
 public:
  /// No file: no users. `bad_config` if others than its owner can read it, or a line is malformed: then
  /// nobody may be let in.
  static outcome<socks_users> load(const std::filesystem::path& directory);

  bool empty() const { return users_.empty(); }
  /// Whose passwords stand in the file as they are.
  std::size_t in_clear() const;
  /// A tenth of a second or so, and 64 MiB, also for a user who is not there. Thread-safe.
  bool check(const std::string& user, const secret& password) const;

  /// Replaces the user's line, or adds one, with the password's hash.
  static outcome<> set(const std::filesystem::path& directory, const std::string& user,
                       const secret& password);
  /// `file_missing` if there is no such user.
  static outcome<> remove(const std::filesystem::path& directory, const std::string& user);

 private:
  std::map<std::string, secret> users_; ///< hash, or password
  std::string nobodys_;                 ///< a hash that no password has
};

} // namespace hublink
