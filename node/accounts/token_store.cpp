#include "node/accounts/token_store.hpp"
#include "node/base/ownership.hpp"
#include "node/base/small_file.hpp"
#include "protocol/base/bytes.hpp"

#include <openssl/crypto.h>
#include <sodium.h>
#include <spdlog/spdlog.h>

#include <array>
#include <sstream>

namespace hublink {

namespace {

constexpr std::size_t most_tokens = 1000, token_bytes = 32;
constexpr std::string_view token_begin = "hublink_";
constexpr std::int64_t write_uses_every_ms = 60'000;

/// 256 random bits need no slow hash: nobody guesses them.
std::string hash_of(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> made{};
  crypto_hash_sha256(made.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return to_hex(std::as_bytes(std::span{made}));
}

std::string with_commas_of(const std::set<std::string>& names) {
  std::string text;
  for (const auto& each : names) text += (text.empty() ? "" : ",") + each;
  return text.empty() ? "-" : text;
}

/// One word each; none of them has a space in it.
std::string token_line(const token_row& row, const std::string& hash) {
  std::ostringstream line;
  line << row.who.name << ' ' << hash << ' ' << to_text(row.who.rights) << ' ' << row.made_ms << ' '
       << row.until_ms << ' ' << row.used_ms << ' ' << (row.user.empty() ? "-" : row.user) << ' '
       << with_commas_of(row.who.files) << '\n';
  return line.str();
}

std::set<std::string> names_in(const std::string& text) {
  std::set<std::string> names;
  std::istringstream rest{text == "-" ? "" : text};
  for (std::string name; std::getline(rest, name, ',');) names.insert(name);
  return names;
}

/// Its hash, too. Nothing: it is none.
std::optional<std::pair<token_row, std::string>> read_token_line(const std::string& text) {
  token_row row;
  std::string hash, rights, files, more;
  std::istringstream line{text};
  line >> row.who.name >> hash >> rights >> row.made_ms >> row.until_ms >> row.used_ms >> row.user >> files;
  auto known = rights_from_text(rights);
  if (!line || line >> more || !known || hash.size() != 2 * crypto_hash_sha256_BYTES) return {};
  row.who.rights = *known;
  row.who.files = names_in(files);
  if (row.user == "-") row.user.clear();
  return std::pair{std::move(row), std::move(hash)};
}

} // namespace

outcome<std::unique_ptr<token_store>> token_store::open(const std::filesystem::path& data, clock now_ms) {
  std::unique_ptr<token_store> made{new token_store{data / "tokens", std::move(now_ms)}};
  if (auto fine = only_ours_to_write(made->file_); !fine) return fine.error();
  if (auto fine = made->read(); !fine) return fine.error();
  return made;
}

token_store::~token_store() {
  std::lock_guard guard{lock_};
  if (!has_news_) return;
  if (auto written = write(); !written) spdlog::warn("{}", written.error().text);
}

outcome<> token_store::read() {
  auto text = read_small_file(file_, 4 << 20);
  if (!text && text.error().code == errc::file_missing) return {};
  if (!text) return {errc::bad_config, text.error().text};
  std::istringstream lines{*text};
  for (std::string line; std::getline(lines, line);) {
    auto row = read_token_line(line);
    if (!row)
      return {errc::bad_config, file_.string() + " is damaged; remove it, and give programs new tokens"};
    const auto name = row->first.who.name;
    by_name_[name] = {std::move(row->first), std::move(row->second)};
  }
  return {};
}

outcome<> token_store::write() const {
  std::string all;
  for (const auto& [name, each] : by_name_) all += token_line(each.row, each.hash);
  return write_small_file(file_, all, 0600);
}

outcome<std::string> token_store::add(token_row row) {
  std::array<std::byte, token_bytes> drawn{};
  randombytes_buf(drawn.data(), drawn.size());
  auto text = std::string{token_begin} + to_hex(drawn);
  std::lock_guard guard{lock_};
  const auto name = row.who.name;
  if (by_name_.count(name)) return {errc::bad_config, "there is a token " + name + " already"};
  if (by_name_.size() >= most_tokens)
    return {errc::bad_config, "there are " + std::to_string(most_tokens) + " tokens already; remove some"};
  row.made_ms = now_ms_();
  by_name_[name] = {std::move(row), hash_of(text)};
  if (auto written = write(); !written) {
    by_name_.erase(name);
    return written.error();
  }
  return text;
}

outcome<bool> token_store::remove(const std::string& name) {
  std::lock_guard guard{lock_};
  auto taken = by_name_.extract(name);
  if (!taken) return false;
  auto written = write();
  if (written) return true;
  by_name_.insert(std::move(taken));
  return written.error();
}

std::vector<token_row> token_store::list() const {
  std::lock_guard guard{lock_};
  std::vector<token_row> all;
  for (const auto& [name, each] : by_name_) all.push_back(each.row);
  return all;
}

std::optional<token_row> token_store::find(const std::string& name) const {
  std::lock_guard guard{lock_};
  auto found = by_name_.find(name);
  if (found == by_name_.end()) return {};
  return found->second.row;
}

std::optional<token_row> token_store::check(std::string_view text) {
  if (!text.starts_with(token_begin) || text.size() != token_begin.size() + 2 * token_bytes) return {};
  const auto hash = hash_of(text);
  const auto now = now_ms_();
  std::lock_guard guard{lock_};
  kept* found = nullptr;
  for (auto& [name, each] : by_name_)
    if (each.hash.size() == hash.size() && CRYPTO_memcmp(each.hash.data(), hash.data(), hash.size()) == 0)
      found = &each;
  if (!found || found->row.until_ms <= now) return {};
  found->row.used_ms = now;
  has_news_ = true;
  if (now - written_ms_ >= write_uses_every_ms) {
    written_ms_ = now;
    has_news_ = false;
    if (auto written = write(); !written) spdlog::warn("{}", written.error().text);
  }
  return found->row;
}

} // namespace hublink
