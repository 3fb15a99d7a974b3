#pragma once
/// Who may use this node's SOCKS5 listener: `DIR/socks.users`, a user a line, `user:HASH` as `hublink
/// socks-users` writes it (Argon2id), or `user:password`.
#include "protocol/base/errors.hpp"
#include "protocol/base/secret.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace hublink {

class socks_users {
 public:
  /// Fails with `bad_config` and the line: one that is malformed, a user who is there twice, nobody at all.
  static outcome<socks_users> parse(std::string_view text, const std::filesystem::path& path);
  /// No file: no users. `bad_config` as above, and if others than its owner can read or write it, or it can't
  /// be read: then nobody is to be served, for it may demand passwords.
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
