#include "node/gateway/socks_users.hpp"
#include "node/base/small_file.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/stat.h>

namespace hublink {

namespace {

constexpr std::size_t longest_user_word = 255; // RFC 1929

bool fits_socks(std::string_view word) { return !word.empty() && word.size() <= longest_user_word; }

bool has_control_character(std::string_view line) {
  return std::any_of(line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

} // namespace

outcome<socks_users> socks_users::parse(std::string_view text, const std::string& path) {
  socks_users users;
  for (int number = 1; !text.empty(); ++number) {
    auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    auto wrong = [&](const char* what) {
      return failure{errc::bad_config, {}, path + ", line " + std::to_string(number) + ": " + what};
    };
    if (line.empty()) continue;
    auto colon = line.find(':');
    auto user = line.substr(0, colon), password = colon == line.npos ? "" : line.substr(colon + 1);
    if (has_control_character(line))
      return wrong("has a control character (a line ends with a line feed alone); remove it");
    if (!fits_socks(user) || !fits_socks(password))
      return wrong("is no user:password, each of 1 to 255 bytes");
    if (!users.passwords_.emplace(user, password).second)
      return wrong("names a user who is there already; keep one of them");
  }
  if (users.empty())
    return {errc::bad_config,
            path +
                " names nobody; add user:password, or remove the file to serve loopback without passwords"};
  return users;
}

outcome<socks_users> socks_users::load(const std::string& directory) {
  auto path = directory + "/socks.users";
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0 && errno == ENOENT) return socks_users{};
  if (::stat(path.c_str(), &found) != 0)
    return {errc::bad_config, path + " can't be read: " + std::strerror(errno)};
  if (!S_ISREG(found.st_mode)) return {errc::bad_config, path + " is no file"};
  if ((found.st_mode & 077) != 0)
    return {errc::bad_config, path + " holds passwords and can be read by others; chmod 600 it"};
  auto text = read_small_file(path);
  if (!text) return {errc::bad_config, text.error().text};
  return parse(*text, path);
}

bool socks_users::check(std::string_view user, std::string_view password) const {
  auto known = passwords_.find(user);
  if (known == passwords_.end() || known->second.size() != password.size()) return false;
  return CRYPTO_memcmp(known->second.data(), password.data(), password.size()) == 0;
}

} // namespace hublink
