#pragma once
/// Who may use this node's SOCKS5 listener: `DIR/socks.users`, one `user:password` a line.
#include "protocol/base/errors.hpp"

#include <map>
#include <string>

namespace hublink {

class socks_users {
 public:
  /// Fails with `bad_config` and the line: one that is malformed, a user who is there twice, nobody at all.
  static outcome<socks_users> parse(std::string_view text, const std::string& path);
  /// No file: no users. `bad_config` as above, and if others than its owner can read it, or it can't be read:
  /// then nobody is to be served, for it may demand passwords.
  static outcome<socks_users> load(const std::string& directory);

  bool empty() const { return passwords_.empty(); }
  /// In constant time for users of the same name.
  bool check(std::string_view user, std::string_view password) const;

 private:
  std::map<std::string, std::string, std::less<>> passwords_;
};

} // namespace hublink
