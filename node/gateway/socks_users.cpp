#include "node/gateway/socks_users.hpp"

#include <openssl/crypto.h>

#include <fstream>
#include <sys/stat.h>

namespace hublink {

outcome<socks_users> socks_users::load(const std::string& directory) {
  auto path = directory + "/socks.users";
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return socks_users{};
  if ((found.st_mode & 077) != 0)
    return failure{errc::bad_config, {}, path + " holds passwords and can be read by others; chmod 600 it"};
  std::ifstream file(path);
  if (!file) return failure{errc::bad_config, {}, "can't read " + path};
  socks_users users;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.empty()) continue;
    auto colon = line.find(':');
    bool fits = colon != line.npos && colon > 0 && colon <= 255 && line.size() - colon > 1;
    if (!fits || line.size() - colon - 1 > 255)
      return failure{
          errc::bad_config, {}, path + ", line " + std::to_string(number) + ": is no user:password"};
    users.passwords_[line.substr(0, colon)] = line.substr(colon + 1);
  }
  return users;
}

bool socks_users::check(std::string_view user, std::string_view password) const {
  auto known = passwords_.find(user);
  if (known == passwords_.end() || known->second.size() != password.size()) return false;
  return CRYPTO_memcmp(known->second.data(), password.data(), password.size()) == 0;
}

} // namespace hublink
