#include "node/trust/renewed_keys.hpp"

#include "node/base/small_file.hpp"
#include "protocol/trust/signing_request.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>

#include <sys/stat.h>

namespace hublink {

namespace {

namespace fs = std::filesystem;

constexpr mode_t renewed_folder_mode = 0700, renewed_key_mode = 0600, renewed_certificate_mode = 0644;
constexpr const char *next_key_name = "next.key", *unfinished_name = ".new";

std::optional<std::uint64_t> number_of(const fs::path& folder) {
  auto name = folder.filename().string();
  std::uint64_t number = 0;
  auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (problem != std::errc{} || end != name.data() + name.size()) return {};
  return number;
}

outcome<> make_renewed_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), renewed_folder_mode) == 0 || errno == EEXIST) return {};
  return {errno == ENOSPC ? errc::no_space : errc::io_error,
          path.string() + " can't be made: " + std::generic_category().message(errno)};
}

outcome<> write_private(const fs::path& file, std::string_view text) {
  std::string copy{text};
  auto written = write_small_file(file, copy, renewed_key_mode);
  wipe(copy);
  return written;
}

} // namespace

std::vector<fs::path> renewed_keys::all() const {
  std::vector<std::pair<std::uint64_t, fs::path>> found;
  std::error_code none;
  for (fs::directory_iterator entry{folder_, none}, last; !none && entry != last; entry.increment(none))
    if (auto number = number_of(entry->path())) found.emplace_back(*number, entry->path());
  std::ranges::sort(found, std::greater{});
  std::vector<fs::path> paths;
  for (auto& [number, path] : found) paths.push_back(std::move(path));
  return paths;
}

outcome<secret> renewed_keys::next_key() const {
  if (auto made = make_renewed_folder(folder_); !made) return made.error();
  auto file = folder_ / next_key_name;
  std::error_code problem;
  if (fs::exists(file, problem)) return read_secret_file(file);
  auto made = make_private_key();
  if (made.empty()) return {errc::failed, "there are no random numbers"};
  if (auto written = write_private(file, made.view()); !written) return written.error();
  return made;
}

outcome<fs::path> renewed_keys::keep(const own_pair& pair) const {
  auto before = all();
  auto number = before.empty() ? 1 : *number_of(before.front()) + 1;
  auto beside = folder_ / unfinished_name, place = folder_ / std::to_string(number);
  std::error_code problem;
  fs::remove_all(beside, problem);
  for (const auto& folder : {folder_, beside})
    if (auto made = make_renewed_folder(folder); !made) return made.error();
  if (auto written = write_private(beside / "key.pem", pair.key.view()); !written) return written.error();
  if (auto written = write_small_file(beside / "cert.pem", pair.certificate, renewed_certificate_mode);
      !written)
    return written.error();
  fs::rename(beside, place, problem);
  if (problem) return {errc::io_error, place.string() + " can't be made: " + problem.message()};
  if (auto synced = sync_folder(folder_); !synced) return synced.error();
  fs::remove(folder_ / next_key_name, problem);
  return place;
}

void renewed_keys::drop(const fs::path& pair) const {
  std::error_code ignored;
  fs::remove_all(pair, ignored);
}

} // namespace hublink
