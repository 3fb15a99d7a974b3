#include "node/files/file_roots.hpp"

#include "node/base/answered_within.hpp"
#include "node/files/arrival.hpp"
#include "node/files/beneath.hpp"
#include "node/files/posix_file.hpp"

#include <algorithm>
#include <filesystem>

#include <fcntl.h>

namespace hublink {

namespace {

namespace fs = std::filesystem;

std::string normal(const fs::path& path) {
  auto text = path.lexically_normal().string();
  if (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

/// Empty: `path` is not below `root`.
std::string way_below(const std::string& path, const std::string& root) {
  auto start = root == "/" ? root : root + "/";
  return path.starts_with(start) ? path.substr(start.size()) : std::string{};
}

/// Out of the data directory, for a path that is relative to it.
bool leads_out(const fs::path& path) {
  return path.is_relative() && *path.lexically_normal().begin() == "..";
}

/// Where links lead, a link to what is not there yet, too. Of a disk that does not answer, the path itself.
std::string real_path(const std::string& full) {
  auto found = answered_within(std::chrono::seconds{2}, [full] {
    std::error_code problem;
    return fs::weakly_canonical(fs::is_symlink(full, problem)
                                    ? fs::path{full}.parent_path() / fs::read_symlink(full, problem)
                                    : fs::path{full},
                                problem)
        .string();
  });
  return found ? *found : full;
}

failure outside(const std::string& full) {
  return {errc::file_denied,
          {},
          full + " lies in no directory that this node opens to definitions: in/ and out/ of its data "
                 "directory, and \"roots\" of its local.json"};
}

} // namespace

std::string file_place::folder() const {
  auto slash = below.rfind('/');
  return slash == std::string::npos ? "." : below.substr(0, slash);
}

std::string file_place::name() const { return below.substr(below.rfind('/') + 1); }

file_roots::file_roots(file_rules rules) : rules_(std::move(rules)), own_(rules_.data, rules_.keys) {
  rules_.data = normal(fs::absolute(rules_.data));
  own_ = own_files{rules_.data, rules_.keys.empty() ? "" : normal(fs::absolute(rules_.keys))};
  for (const auto& each : rules_.roots) {
    auto path = full_path(each);
    roots_.push_back({path, !way_below(path, rules_.data).empty()});
  }
}

std::string file_roots::full_path(const std::string& path) const {
  return normal(fs::path{rules_.data} / path);
}

outcome<file_place> file_roots::find(const std::string& path, file_use use) const {
  auto full = full_path(path);
  if (path.empty() || path.ends_with('/') || path.find('\0') != path.npos || leads_out(path))
    return outside(full);
  if (auto fine = has_its_mounts(full); !fine) return fine.error();
  const root* closest = nullptr;
  for (const auto& each : roots_)
    if (!way_below(full, each.path).empty() && (!closest || each.path.size() > closest->path.size()))
      closest = &each;
  if (closest) return open_root(*closest, full, use);
  const auto& named = use == file_use::source ? rules_.sources : rules_.targets;
  if (named.count(path) == 0) return outside(full);
  return open_root({posix::directory_of(full), true}, full, use);
}

outcome<> file_roots::has_its_mounts(const std::string& full) const {
  for (const auto& each : rules_.mounts) {
    auto path = full_path(each);
    if (way_below(full, path).empty()) continue;
    unique_fd there{::open((path + "/.").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)}; // mounts by autofs, too
    if (auto mounted = must_be_mounted(there.get(), there.get(), path); !mounted) return mounted;
  }
  return {};
}

outcome<file_place> file_roots::open_root(const root& at, const std::string& full, file_use use) const {
  if (use == file_use::target && at.made)
    if (auto made = posix::make_directories(at.path); !made) return made.error();
  unique_fd directory{::open(at.path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!directory && use == file_use::source) return posix::why_not("open", full, errno, errc::file_missing);
  if (!directory) return posix::why_not("use the directory", at.path, errno);
  return file_place{std::move(directory), way_below(full, at.path), full};
}

bool file_roots::lets_write(const std::string& path) const {
  auto full = full_path(path);
  auto real = real_path(full);
  auto lies_below = [&](const std::string& folder) {
    auto real_folder = real_path(folder);
    return !way_below(full, folder).empty() || !way_below(real, real_folder).empty();
  };
  return rules_.targets.count(path) > 0 ||
         std::ranges::any_of(roots_, [&](const root& each) { return lies_below(each.path); });
}

std::vector<std::string> file_roots::written_folders() const {
  std::vector<std::string> all{rules_.data};
  for (const auto& each : roots_) all.push_back(each.path);
  for (const auto& path : rules_.targets) {
    auto folder = posix::directory_of(full_path(path));
    bool is_in_one = std::ranges::any_of(roots_, [&](const root& each) {
      return folder == each.path || !way_below(folder, each.path).empty();
    });
    if (!is_in_one) all.push_back(folder); // else nobody need look at it, whose disk may not answer
  }
  return all;
}

file_roots_ptr everything_below(const std::string& directory) {
  file_rules rules;
  rules.data = directory;
  rules.roots = {"."};
  return std::make_shared<const file_roots>(std::move(rules));
}

} // namespace hublink
