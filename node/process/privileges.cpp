#include "node/process/privileges.hpp"

#include "node/base/answered_within.hpp"
#include "node/base/landlock.hpp"
#include "node/base/process_guard.hpp"
#include "node/files/mount_table.hpp"

#include <spdlog/spdlog.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>

namespace hublink {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds patience{2};

/// What does not answer at the start. Each file system is asked once.
class silent_disks {
 public:
  explicit silent_disks(const std::string& home) : mounts_(home) {}

  /// The mount point of the one that holds `path`, if it does not answer.
  std::optional<fs::path> below(const std::string& path) {
    auto on = mounts_.holder_of(path);
    auto [known, is_new] = answers_.try_emplace(on.device, true);
    if (is_new)
      known->second = answered_within(patience, [place = on.place] {
                        std::error_code problem;
                        return fs::exists(place, problem);
                      }).has_value();
    if (is_new && !known->second) spdlog::warn("{} does not answer", on.place);
    return known->second ? std::nullopt : std::optional<fs::path>{on.place};
  }

 private:
  mount_table mounts_;
  std::map<std::string, bool> answers_; ///< by device
};

/// Where links lead, as far as it is there.
fs::path real(const fs::path& path) {
  std::error_code problem;
  auto found = fs::weakly_canonical(path, problem);
  return problem ? path : found;
}

/// A file system may be mounted at a root later, or be mounted anew, and then the rule that was made for the
/// root itself counts no more; one for the directory above does. Nothing where that is all there is.
std::optional<std::string> holder_of(const fs::path& folder, const fs::path& data) {
  auto way = folder.lexically_relative(data);
  if (!way.empty() && *way.begin() != "..") return data.string();
  auto above = folder.parent_path();
  std::error_code problem;
  while (above.has_relative_path() && !fs::exists(above, problem)) above = above.parent_path();
  if (!above.has_relative_path()) return {};
  return above.string();
}

/// The roots, and where the operator moved something of the node's directory to, by a symbolic link.
std::vector<fs::path> written_places(const file_roots& files) {
  std::vector<fs::path> all;
  auto folders = files.written_folders();
  silent_disks silent{folders.front()};
  for (const auto& folder : folders) {
    auto place = silent.below(folder);
    all.push_back(place ? *place : real(folder));
  }
  std::error_code problem;
  for (fs::directory_iterator entry{all.front(), problem}, end; !problem && entry != end;
       entry.increment(problem))
    if (entry->is_symlink(problem)) {
      auto place = silent.below(entry->path().string());
      auto target = place ? *place : real(entry->path());
      all.push_back(place || fs::is_directory(target, problem) ? target : target.parent_path());
    }
  return all;
}

/// Does what is written stay below the node's roots from now on?
bool fence_writes(const file_roots& files) {
  auto places = written_places(files);
  std::vector<std::string> holders;
  for (const auto& each : places) {
    auto holder = holder_of(each, places.front());
    if (!holder) return false;
    holders.push_back(*holder);
  }
  ::setenv("SQLITE_TMPDIR", places.front().c_str(), 0); // else it would look for a place in /var/tmp
  return landlock::write_only_below(holders);
}

} // namespace

void give_up_privileges(const file_roots& files, bool has_jobs, bool gives_files_away) {
  if (has_jobs) {
    spdlog::info("keeps its privileges for the jobs of local.json");
    return;
  }
  keep_few_privileges(gives_files_away);
  spdlog::info(fence_writes(files)
                   ? "writes nowhere but below its roots, held to it by the kernel"
                   : "writes nowhere but below its roots; the kernel does not hold it to that");
}

} // namespace hublink
