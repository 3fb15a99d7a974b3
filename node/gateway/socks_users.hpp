#pragma once
/// Who may use this node's SOCKS5 listener: `DIR/socks.users`, one `user:password` a line.
#include "protocol/base/errors.hpp"

#include <map>
#include <string>

namespace hublink {

class socks_users {
 public:
  /// No file: no users. `bad_config` if others than its owner can read it, or a line is malformed.
  static outcome<socks_users> load(const std::string& directory);

  bool empty() const { return passwords_.empty(); }
  /// In constant time for users of the same name.
  bool check(std::string_view user, std::string_view password) const;

 private:
  std::map<std::string, std::string, std::less<>> passwords_;
};

} // namespace hublink
