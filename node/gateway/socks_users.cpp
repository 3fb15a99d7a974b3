#include "node/gateway/socks_users.hpp"

#include "node/base/ownership.hpp"
#include "node/base/small_file.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <new>
#include <optional>
#include <set>
#include <sstream>

#include <sys/stat.h>

namespace hublink {

namespace {

constexpr std::size_t most_letters = 255; ///< of a name and of a password: RFC 1929
constexpr std::string_view hash_begins = "$argon2";

std::filesystem::path file_in(const std::filesystem::path& directory) { return directory / "socks.users"; }

bool is_hash(std::string_view kept) { return kept.starts_with(hash_begins); }

std::string hash_of(std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str(text.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
    throw std::bad_alloc{};
  return text.data();
}

bool is_password_of(std::string_view hash, std::string_view password) {
  return crypto_pwhash_str_verify(std::string{hash}.c_str(), password.data(), password.size()) == 0;
}

/// Nothing: there is no file. What stands in its place and can't be read is no missing one.
outcome<std::optional<secret>> read_users_file(const std::filesystem::path& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0 && errno == ENOENT) return std::optional<secret>{};
  if (::stat(path.c_str(), &found) != 0)
    return {errc::bad_config, path.string() + " can't be read: " + std::strerror(errno)};
  if (!S_ISREG(found.st_mode)) return {errc::bad_config, path.string() + " is no file"};
  if (auto fine = only_ours_to_write(path); !fine) return fine.error();
  if ((found.st_mode & 077) != 0)
    return {errc::bad_config, path.string() + " holds passwords and can be read by others: chmod 600 it"};
  auto text = read_secret_file(path);
  if (!text) return {errc::bad_config, text.error().text};
  return std::optional<secret>{std::move(*text)};
}

/// The same, where no file is one without lines.
outcome<secret> read_users_to_change(const std::filesystem::path& path) {
  auto text = read_users_file(path);
  if (!text) return text.error();
  return *text ? std::move(**text) : secret{};
}

bool fits(std::string_view user, std::string_view password) {
  return !user.empty() && user.size() <= most_letters && !password.empty() &&
         password.size() <= most_letters && user.find_first_of(":\n") == user.npos &&
         password.find('\n') == password.npos;
}

bool has_control_character(std::string_view line) {
  return std::any_of(line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

/// Calls with the user and what is kept of his password, of each line.
outcome<> each_user(std::string_view text, const std::filesystem::path& path,
                    const std::function<void(std::string_view user, std::string_view kept)>& call) {
  std::set<std::string_view> seen;
  for (int number = 1; !text.empty(); ++number) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1); // as editors of other systems end a line
    if (line.empty()) continue;
    auto wrong = [&](const char* what) {
      return failure{errc::bad_config, {}, path.string() + ", line " + std::to_string(number) + ": " + what};
    };
    auto colon = line.find(':');
    if (has_control_character(line)) return wrong("has a control character; remove it");
    if (colon == line.npos || !fits(line.substr(0, colon), line.substr(colon + 1)))
      return wrong("is no user:password, each of 1 to 255 bytes");
    if (!seen.insert(line.substr(0, colon)).second)
      return wrong("names a user who is there already; keep one of them");
    call(line.substr(0, colon), line.substr(colon + 1));
  }
  return {};
}

} // namespace

outcome<socks_users> socks_users::parse(std::string_view text, const std::filesystem::path& path) {
  socks_users found;
  auto read = each_user(text, path, [&](auto user, auto kept) {
    found.users_.insert_or_assign(std::string{user}, secret{std::string{kept}});
  });
  if (!read) return read.error();
  if (found.empty())
    return {errc::bad_config,
            path.string() +
                " names nobody; add user:password, or remove the file to serve loopback without passwords"};
  return found;
}

outcome<socks_users> socks_users::load(const std::filesystem::path& directory) {
  auto path = file_in(directory);
  auto text = read_users_file(path);
  if (!text) return text.error();
  if (!*text) return socks_users{};
  auto found = parse((*text)->view(), path);
  if (!found) return found;
  if (sodium_init() < 0) throw std::bad_alloc{};
  std::array<char, 32> unknown{};
  randombytes_buf(unknown.data(), unknown.size());
  found->nobodys_ = hash_of({unknown.data(), unknown.size()});
  return found;
}

std::size_t socks_users::in_clear() const {
  return std::size_t(
      std::ranges::count_if(users_, [](const auto& entry) { return !is_hash(entry.second.view()); }));
}

bool socks_users::check(const std::string& user, const secret& password) const {
  auto known = users_.find(user);
  bool hashed = known != users_.end() && is_hash(known->second.view());
  bool right = is_password_of(hashed ? known->second.view() : std::string_view{nobodys_}, password.view());
  if (hashed || known == users_.end()) return hashed && right;
  auto kept = known->second.view(), given = password.view();
  return kept.size() == given.size() && sodium_memcmp(kept.data(), given.data(), kept.size()) == 0;
}

outcome<> socks_users::set(const std::filesystem::path& directory, const std::string& user,
                           const secret& password) {
  if (sodium_init() < 0) throw std::bad_alloc{};
  auto path = file_in(directory);
  auto text = read_users_to_change(path);
  if (!text) return text.error();
  if (!fits(user, password.view()) || is_hash(password.view()))
    return {errc::bad_config,
            "a user and a password have 1 to 255 characters each, and no line's end; a user no "
            "colon; a password does not begin as a hash"};
  std::string lines;
  bool replaced = false;
  auto own_line = user + ":" + hash_of(password.view()) + "\n";
  auto read = each_user(text->view(), path, [&](auto name, auto kept) {
    if (name != user) lines.append(name).append(":").append(kept).append("\n");
    if (name == user && !std::exchange(replaced, true)) lines += own_line;
  });
  if (!read) return read;
  auto written = write_small_file(path, replaced ? lines : lines + own_line, 0600);
  wipe(lines);
  return written;
}

outcome<> socks_users::remove(const std::filesystem::path& directory, const std::string& user) {
  auto path = file_in(directory);
  auto text = read_users_to_change(path);
  if (!text) return text.error();
  std::string lines;
  bool found = false;
  auto read = each_user(text->view(), path, [&](auto name, auto kept) {
    if (name == user)
      found = true;
    else
      lines.append(name).append(":").append(kept).append("\n");
  });
  if (!read) return read;
  if (!found) return {errc::file_missing, path.string() + " has no user " + user};
  // A file without users would open the listener to loopback: that is for its owner to say, by removing it.
  auto written = lines.empty()
                     ? outcome<>{errc::bad_config, path.string() + " would have no user left; remove "
                                                                   "the file to serve loopback "
                                                                   "without passwords"}
                     : write_small_file(path, lines, 0600);
  wipe(lines);
  return written;
}

} // namespace hublink
